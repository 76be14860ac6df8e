package io.tidemill.redis.keys;

import io.tidemill.text.PrintableText;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * How job ids, unique keys and groups stand in Redis: as UTF-8, with {@code !0} for a blank and {@code !1} for an
 * exclamation mark, since scripts separate words by blanks. The order of texts stays that of their bytes. In Java such
 * a text is a string of one character per byte; a text of the usual characters is its own.
 */
public final class WireText {

    private static final char ESCAPE = '!';

    private WireText() {}

    /**
     * The text as it stands in Redis.
     *
     * @param kind what it is, for the error: "job id"
     * @throws IllegalArgumentException if it is no printable text of 1 to 256 characters
     */
    public static String of(String kind, String text) {
        PrintableText.check(kind, text);
        return isItsOwn(text) ? text : encode(text);
    }

    /**
     * The text that stands in Redis as this.
     *
     * @throws IllegalArgumentException if no text does: something else wrote it
     */
    public static String read(String kind, String wire) {
        if (isItsOwn(wire)) {
            return PrintableText.check(kind, wire);
        }
        String text = PrintableText.check(kind, decode(wire));
        if (!encode(text).equals(wire)) {
            throw new IllegalArgumentException(kind + " is not written as Tidemill writes it");
        }
        return text;
    }

    /** Whether {@link #read} finds a text. */
    public static boolean isText(String wire) {
        try {
            read("text", wire);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** As {@link #read}; what something else wrote is given as it stands there. */
    public static String show(String wire) {
        try {
            return isItsOwn(wire) ? wire : decode(wire);
        } catch (IllegalArgumentException e) {
            return wire;
        }
    }

    private static boolean isItsOwn(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ESCAPE || c > '~') {
                return false;
            }
        }
        return true;
    }

    private static String encode(String text) {
        String escaped = text.replace("!", "!1").replace(" ", "!0");
        return new String(escaped.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static String decode(String wire) {
        try {
            String escaped = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(wire.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
            return escaped.replace("!0", " ").replace("!1", "!");
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("is no text in UTF-8", e);
        }
    }
}
