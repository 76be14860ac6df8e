package io.tidemill.redis;

import io.tidemill.broker.JobBrief;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

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

    boolean isList(int index) {
        return parts.get(index) instanceof List;
    }

    /** A part that is a list. */
    List<byte[]> blobs(int index) {
        List<byte[]> blobs = new ArrayList<>();
        for (Object blob : (List<?>) parts.get(index)) {
            blobs.add((byte[]) blob);
        }
        return blobs;
    }

    /** A part that is a list of ids. */
    List<String> ids(int index) {
        return blobs(index).stream().map(Reply::text).toList();
    }

    /** Two parts that are lists: ids, and what was told of each of these jobs. */
    List<JobBrief> briefs(int ids, int briefs) {
        List<String> names = ids(ids);
        List<byte[]> told = blobs(briefs);
        return IntStream.range(0, names.size())
                .mapToObj(i -> StoredJob.brief(names.get(i), told.get(i)))
                .toList();
    }

    private static String text(byte[] bytes) {
        // One byte, one character: an id that somebody pushed by hand finds its way back as it came.
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
