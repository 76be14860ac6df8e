package io.tidemill.redis;

import io.tidemill.broker.JobBrief;
import io.tidemill.redis.keys.WireText;
import io.tidemill.redis.script.Script;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A script's reply: its status, the server's time, then the parts that the script's header names. Of a part that stands
 * for any number the index of the first is {@link #first}.
 */
record Reply(Script script, List<Object> parts) {

    private static final int STATUS = 0;
    private static final int TIME = 1;
    private static final int OWN = 2;

    boolean isLate() {
        return !"OK".equals(text(STATUS));
    }

    long serverMillis() {
        return number(TIME);
    }

    int size() {
        return parts.size();
    }

    /** Where a part stands, or the first of any number. */
    int first(String part) {
        int index = script.parts().indexOf(part);
        if (index < 0) {
            index = script.parts().indexOf(part + "..");
        }
        if (index < 0) {
            throw new IllegalArgumentException(
                    "script " + script.hop() + " replies with no " + part + ", only with " + script.parts());
        }
        return OWN + index;
    }

    byte[] bytes(String part) {
        return bytes(first(part));
    }

    byte[] bytes(int index) {
        return (byte[]) parts.get(index);
    }

    String text(String part) {
        return text(first(part));
    }

    String text(int index) {
        return text(bytes(index));
    }

    /** The id of a job, or what something else pushed in the place of one. */
    String id(int index) {
        return WireText.show(text(index));
    }

    long number(String part) {
        return number(first(part));
    }

    long number(int index) {
        return Long.parseLong(text(index));
    }

    /** A part that is '1' or else. */
    boolean is(String part) {
        return text(part).equals("1");
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
        return blobs(index).stream().map(blob -> WireText.show(text(blob))).toList();
    }

    /** Two parts that are lists: ids, and the brief of each of these jobs. */
    List<JobBrief> briefs(String ids, String briefs) {
        List<String> names = ids(first(ids));
        List<byte[]> stored = blobs(first(briefs));
        return IntStream.range(0, names.size())
                .mapToObj(i -> StoredJob.brief(names.get(i), stored.get(i)))
                .toList();
    }

    private static String text(byte[] bytes) {
        // One byte, one character: an id that was pushed by hand is sent back unchanged.
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
