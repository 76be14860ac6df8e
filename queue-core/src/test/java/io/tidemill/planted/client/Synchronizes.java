package io.tidemill.planted.client;

/** Breaks a rule. */
class Synchronizes {
    synchronized void method() {}
}
