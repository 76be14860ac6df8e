package io.tidemill.text;

import java.util.Comparator;
import java.util.Objects;

/**
 * The one rule for what users name by data of their own, job ids, unique keys and groups: printable text of 1 to 256
 * characters, in any language. Refused are control characters, line and paragraph separators, characters that turn the
 * direction of the text around them, and halves of surrogate pairs. What is accepted stands on one line of a log.
 *
 * <p>Two texts are the same if their characters are: nothing is normalised.
 */
public final class PrintableText {

    /** Longest text, in characters of Java. */
    public static final int MAX_LENGTH = 256;

    /** By code points: the order of the same texts as bytes of UTF-8. */
    public static final Comparator<String> ORDER = PrintableText::compare;

    private PrintableText() {}

    /**
     * Returns the text, checked.
     *
     * @param kind what it is, for the error: "job id", "unique key"
     * @throws IllegalArgumentException if it is empty, too long or holds a character that is not printable
     */
    public static String check(String kind, String text) {
        Objects.requireNonNull(text, () -> kind + " must not be null");
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    kind + " must have 1 to " + MAX_LENGTH + " characters, got " + text.length());
        }
        int wrong = firstNotPrintable(text);
        if (wrong >= 0) {
            throw new IllegalArgumentException(String.format(
                    "%s may hold only printable characters, but has U+%04X at position %d",
                    kind, (int) text.charAt(wrong), wrong));
        }
        return text;
    }

    /** Whether {@link #check} accepts it. */
    public static boolean isPrintable(String text) {
        return !text.isEmpty() && text.length() <= MAX_LENGTH && firstNotPrintable(text) < 0;
    }

    private static int firstNotPrintable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c < 127) {
                continue;
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c) || Character.isISOControl(c) || breaksLines(c) || turnsText(c)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean breaksLines(char c) {
        return c == '\u2028' || c == '\u2029';
    }

    private static boolean turnsText(char c) {
        return (c >= '\u202A' && c <= '\u202E') || (c >= '\u2066' && c <= '\u2069');
    }

    private static int compare(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                return rank(x) - rank(y);
            }
        }
        return a.length() - b.length();
    }

    /** Surrogates stand for code points above all others, and as numbers they do not. */
    private static int rank(char c) {
        return Character.isSurrogate(c) ? c + 0x10000 : c;
    }
}
