package io.tidemill.planted.task;

import io.tidemill.planted.broker.KnowsJackson;

/** Breaks a rule: the vocabulary knows the port. */
class LooksUp {
    KnowsJackson field;
}
