package io.tidemill.conformance.fault;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of RESP2 or RESP3 into its values without decoding them: requests one way, answers the other.
 *
 * <p>Not thread-safe.
 */
final class RespReader {

    private static final int FIRST_SIZE = 1 << 16;
    private static final int INCOMPLETE = -1;

    private final InputStream in;
    private byte[] buffer = new byte[FIRST_SIZE];
    private int from;
    private int to;

    RespReader(InputStream in) {
        this.in = in;
    }

    /** One value as it came. */
    record Frame(byte[] bytes) {

        /** A message that nobody asked for: RESP3 sends those between answers. */
        boolean isPush() {
            return bytes[0] == '>';
        }

        boolean isError() {
            return bytes[0] == '-' || bytes[0] == '!';
        }

        /** The n-th word of a request, from 0; empty if it has none. */
        String word(int n) {
            if (bytes[0] != '*') {
                String[] words =
                        new String(bytes, StandardCharsets.ISO_8859_1).strip().split(" +", -1);
                return n < words.length ? words[n] : "";
            }
            int at = lineEnd(bytes, 0, bytes.length);
            for (int i = 0; at < bytes.length; i++) {
                int text = lineEnd(bytes, at, bytes.length);
                int length = (int) number(bytes, at + 1, text);
                if (i == n) {
                    return new String(bytes, text, length, StandardCharsets.ISO_8859_1);
                }
                at = text + length + 2;
            }
            return "";
        }
    }

    /** The next value; null at the end of the stream. */
    @Nullable
    Frame next() throws IOException {
        while (true) {
            int end = from == to ? INCOMPLETE : end(from);
            if (end != INCOMPLETE) {
                Frame frame = new Frame(Arrays.copyOfRange(buffer, from, end));
                from = end;
                return frame;
            }
            if (!fill()) {
                return null;
            }
        }
    }

    /** Whether there is more at hand, so that what was read need not be passed on at once. */
    boolean hasMore() {
        return from < to;
    }

    private boolean fill() throws IOException {
        if (from > 0) {
            System.arraycopy(buffer, from, buffer, 0, to - from);
            to -= from;
            from = 0;
        }
        if (to == buffer.length) {
            buffer = Arrays.copyOf(buffer, 2 * buffer.length);
        }
        int read = in.read(buffer, to, buffer.length - to);
        to += Math.max(0, read);
        return read >= 0;
    }

    /** Where the value that begins here ends. */
    private int end(int at) {
        int line = lineEnd(buffer, at, to);
        if (line == INCOMPLETE) {
            return INCOMPLETE;
        }
        return switch (buffer[at]) {
            case '$', '=', '!' -> {
                long length = number(buffer, at + 1, line);
                long end = length < 0 ? line : line + length + 2;
                yield end <= to ? (int) end : INCOMPLETE;
            }
            case '*', '~', '>' -> end(line, number(buffer, at + 1, line));
            case '%' -> end(line, 2 * number(buffer, at + 1, line));
            // An attribute stands before what it is about.
            case '|' -> end(line, 2 * number(buffer, at + 1, line) + 1);
            default -> line;
        };
    }

    private int end(int at, long values) {
        int end = at;
        for (long i = 0; i < values && end != INCOMPLETE; i++) {
            end = end < to ? end(end) : INCOMPLETE;
        }
        return end;
    }

    private static int lineEnd(byte[] bytes, int from, int to) {
        for (int i = from + 1; i < to; i++) {
            if (bytes[i] == '\n' && bytes[i - 1] == '\r') {
                return i + 1;
            }
        }
        return INCOMPLETE;
    }

    /** The number from here to the end of a line. */
    private static long number(byte[] bytes, int from, int lineEnd) {
        return Long.parseLong(new String(bytes, from, lineEnd - 2 - from, StandardCharsets.ISO_8859_1));
    }
}
