package io.tidemill.text;

import java.util.Collection;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * The one rule for names of tasks, queues, headers and workers: {@code [A-Za-z0-9._:-]{1,128}}. Names become parts of
 * keys, and people type them. Ids of jobs, unique keys and groups are {@link PrintableText}.
 */
public final class Names {

    /** The queue of tasks that name none. */
    public static final String DEFAULT_QUEUE = "default";

    /** Longest name, in characters. */
    public static final int MAX_LENGTH = 128;

    private Names() {}

    /**
     * Returns the name, checked.
     *
     * @param kind what is named, for the error: "queue name", "task name"
     * @throws IllegalArgumentException if the name is empty, too long or holds another character
     */
    public static String check(String kind, String name) {
        Objects.requireNonNull(name, () -> kind + " must not be null");
        if (name.isEmpty() || name.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    kind + " must have 1 to " + MAX_LENGTH + " characters, got " + name.length());
        }
        for (int i = 0; i < name.length(); i++) {
            if (!isAllowed(name.charAt(i))) {
                throw new IllegalArgumentException(kind + " may hold only A-Z a-z 0-9 . _ : and -, but has "
                        + describe(name.charAt(i)) + " at position " + i);
            }
        }
        return name;
    }

    /** Whether this is a name. */
    public static boolean isName(String text) {
        return !text.isEmpty() && text.length() <= MAX_LENGTH && text.chars().allMatch(c -> isAllowed((char) c));
    }

    /** The candidate that a misspelt name most likely means: within a third of its length in edits, ignoring case. */
    public static Optional<String> nearest(String name, Collection<String> candidates) {
        String best = null;
        int bestDistance = name.length() / 3 + 2;
        for (String candidate : candidates) {
            int distance = distance(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (distance < bestDistance) {
                bestDistance = distance;
                best = candidate;
            }
        }
        return Optional.ofNullable(best);
    }

    private static boolean isAllowed(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '_'
                || c == ':'
                || c == '-';
    }

    /** Never echoes a control or bidirectional character into a log. */
    private static String describe(char c) {
        return c > ' ' && c < 127 ? "'" + c + "'" : String.format("U+%04X", (int) c);
    }

    /** Levenshtein distance with two rows. */
    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        int[] current = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(change, Math.min(previous[j], current[j - 1]) + 1);
            }
            int[] swap = previous;
            previous = current;
            current = swap;
        }
        return previous[b.length()];
    }
}
