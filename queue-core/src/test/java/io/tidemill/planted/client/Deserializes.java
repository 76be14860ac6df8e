package io.tidemill.planted.client;

import java.io.ObjectInputStream;

/** Breaks a rule. */
class Deserializes {
    Object read(ObjectInputStream in) throws Exception {
        return in.readObject();
    }
}
