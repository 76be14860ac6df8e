package io.tidemill.planted.client;

/** Breaks a rule twice. */
class TellsTheTime {
    long wall() {
        return System.currentTimeMillis();
    }

    long monotonic() {
        return System.nanoTime();
    }
}
