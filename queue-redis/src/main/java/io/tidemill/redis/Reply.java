package io.tidemill.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A script's reply: its status, the server's time, then what the script's header says. */
record Reply(List<Object> parts) {

    /** Where the script's own parts begin. */
    static final int FIRST = 2;

    boolean isLate() {
        return !"OK".equals(text(0));
    }

    long serverMillis() {
        return number(1);
    }

    int size() {
        return parts.size();
    }

    byte[] bytes(int index) {
        return (byte[]) parts.get(index);
    }

    String text(int index) {
        return text(bytes(index));
    }

    long number(int index) {
        return Long.parseLong(text(index));
    }

    /** A part that is a list of ids. */
    List<String> ids(int index) {
        List<String> ids = new ArrayList<>();
        for (Object id : (List<?>) parts.get(index)) {
            ids.add(text((byte[]) id));
        }
        return ids;
    }

    private static String text(byte[] bytes) {
        // One byte, one character: an id that somebody pushed by hand finds its way back as it came.
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
