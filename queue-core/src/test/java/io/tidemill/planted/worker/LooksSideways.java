package io.tidemill.planted.worker;

import io.tidemill.planted.client.Sleeps;

/** Breaks a rule: the running half knows the sending half. Only in an array, which counts as well. */
class LooksSideways {
    Sleeps[] field;
}
