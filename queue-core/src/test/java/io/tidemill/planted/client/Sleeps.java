package io.tidemill.planted.client;

import java.util.concurrent.TimeUnit;

/** Breaks a rule three times; never called. */
public class Sleeps {
    void brief() throws InterruptedException {
        Thread.sleep(1);
    }

    void exact() throws InterruptedException {
        Thread.sleep(1, 1);
    }

    void unit() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(1);
    }
}
