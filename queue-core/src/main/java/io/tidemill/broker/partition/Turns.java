package io.tidemill.broker.partition;

import java.util.concurrent.atomic.AtomicInteger;

/** Whose turn it is, so that no partition is left out. Thread-safe. */
final class Turns {

    private final AtomicInteger next = new AtomicInteger();

    /** The next one of so many, from 0. */
    int next(int count) {
        return Math.floorMod(next.getAndIncrement(), count);
    }
}
