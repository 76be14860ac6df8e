package io.tidemill.redis;

import io.tidemill.broker.JobBrief;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.Notes;
import io.tidemill.broker.WorkflowMember;
import io.tidemill.redis.keys.WireText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A job's record as Redis keeps it: one string, because that is the smallest and fastest form there is.
 *
 * <pre>
 *  0  layout       'A', or 'B' with constraints, or 'C' with notes; a later capital letter is of a newer version, and must not be guessed
 *  1  mark         '-' none, 's' its last lease ended, 'c' to be cancelled
 *  2  priority     1 digit
 *  3  failures     4 digits, saturating
 *  7  lostLeases  3 digits, saturating
 * 10  releases     5 digits, saturating
 * 15  trailer      'n' none, 'f' the record ends with the last failure and 8 digits that give its length
 * 16  constraints  with layouts 'B' and 'C': 4 digits and as many characters; enqueue.lua writes it
 *     notes        with layout 'C': 10 digits, the number of the last note, 8 digits and as many bytes; note.lua writes it
 *     body         as it came
 * </pre>
 *
 * <p>The scripts change the head and never look at the body; {@code lua/lib/record.lua} has the same layout.
 */
record StoredJob(
        byte[] body,
        int priority,
        int failures,
        int lostLeases,
        int releases,
        byte @Nullable [] failure,
        JobSnapshot.@Nullable Constraints section,
        Notes notes) {

    static final int HEAD = 16;
    /** With the length of constraints. */
    static final int LONGEST_HEAD = 20;

    private static final byte LAYOUT = 'A';
    private static final byte CONSTRAINED = 'B';
    private static final byte NOTED = 'C';
    private static final int CONSTRAINTS_DIGITS = 4;
    private static final int NUMBER_DIGITS = 10;
    private static final int LENGTH_DIGITS = 8;

    /** The record of a new job. */
    static byte[] create(int priority, byte[] body) {
        byte[] stored = new byte[HEAD + body.length];
        Arrays.fill(stored, 0, HEAD, (byte) '0');
        stored[0] = LAYOUT;
        stored[1] = '-';
        stored[2] = (byte) ('0' + priority);
        stored[HEAD - 1] = 'n';
        System.arraycopy(body, 0, stored, HEAD, body.length);
        return stored;
    }

    /** The record of a new job with constraints. */
    static byte[] create(int priority, String words, byte[] body) {
        byte[] plain = create(priority, body);
        String length = Integer.toString(words.length());
        byte[] section = ("0".repeat(CONSTRAINTS_DIGITS - length.length()) + length + words)
                .getBytes(StandardCharsets.ISO_8859_1);
        byte[] stored = Arrays.copyOf(plain, plain.length + section.length);
        stored[0] = CONSTRAINED;
        System.arraycopy(section, 0, stored, HEAD, section.length);
        System.arraycopy(body, 0, stored, HEAD + section.length, body.length);
        return stored;
    }

    /** The words of the constraints of a record that could be read; empty if it has none. */
    static String words(byte[] stored) {
        int from = HEAD + CONSTRAINTS_DIGITS;
        return hasSections(stored) ? new String(stored, from, notesAt(stored) - from, StandardCharsets.ISO_8859_1) : "";
    }

    /** Whether a record has a layout that this version writes. */
    static boolean isKnown(byte[] stored) {
        return stored.length >= HEAD
                && (stored[0] == LAYOUT || (hasSections(stored) && notesAt(stored) <= stored.length));
    }

    /** Whether the beginning of a record is a head that can be read. */
    static boolean hasHead(byte[] beginning) {
        return beginning.length >= HEAD
                && (beginning[0] == LAYOUT || (hasSections(beginning) && notesAt(beginning) < Integer.MAX_VALUE));
    }

    /** Whether constraints follow the head, or their length at least. */
    private static boolean hasSections(byte[] stored) {
        return stored[0] == CONSTRAINED || stored[0] == NOTED;
    }

    /** Where the constraints end; past the end of the record if there is no telling. */
    private static int notesAt(byte[] stored) {
        if (stored[0] == LAYOUT) {
            return HEAD;
        }
        int from = HEAD + CONSTRAINTS_DIGITS;
        for (int i = HEAD; i < from; i++) {
            if (i >= stored.length || stored[i] < '0' || stored[i] > '9') {
                return Integer.MAX_VALUE;
            }
        }
        return from + number(stored, HEAD, CONSTRAINTS_DIGITS);
    }

    /** Whether a record has the layout of another, newer version. */
    static boolean isNewer(byte[] stored) {
        return stored.length > 0 && stored[0] > NOTED && stored[0] <= 'Z';
    }

    /**
     * Reads a record.
     *
     * @throws IllegalArgumentException if it has another layout or is not whole
     */
    static StoredJob parse(byte[] stored) {
        if (isNewer(stored)) {
            throw new IllegalArgumentException("the job record has layout '" + (char) stored[0]
                    + "', and this version reads up to '" + (char) NOTED
                    + "': only workers of the newer version that stored it can run it");
        }
        if (!isKnown(stored)) {
            throw new IllegalArgumentException(
                    "the job record does not begin with a whole head: it is empty or damaged,"
                            + " or was not written by Tidemill");
        }
        int notesAt = notesAt(stored);
        Notes notes = stored[0] == NOTED ? notes(stored, notesAt) : Notes.NONE;
        int from = stored[0] == NOTED ? notesAt + NUMBER_DIGITS + LENGTH_DIGITS + notes.bytes().length : notesAt;
        int end = stored.length;
        byte[] failure = null;
        if (stored[HEAD - 1] == 'f') {
            int last = stored.length - LENGTH_DIGITS;
            end = last < from ? -1 : last - number(stored, last, LENGTH_DIGITS);
            if (end < from) {
                throw new IllegalArgumentException("the failure at the end of the job record is not whole");
            }
            failure = Arrays.copyOfRange(stored, end, last);
        }
        if (stored[HEAD - 1] != 'f' && stored[HEAD - 1] != 'n') {
            throw new IllegalArgumentException("the job record has an unknown kind of trailer");
        }
        return new StoredJob(
                Arrays.copyOfRange(stored, from, end),
                number(stored, 2, 1),
                number(stored, 3, 4),
                number(stored, 7, 3),
                number(stored, 10, 5),
                failure,
                stored[0] == CONSTRAINED || notesAt > HEAD + CONSTRAINTS_DIGITS ? section(stored, notesAt) : null,
                notes);
    }

    private static Notes notes(byte[] stored, int at) {
        int from = at + NUMBER_DIGITS + LENGTH_DIGITS;
        int end = from > stored.length ? -1 : from + number(stored, at + NUMBER_DIGITS, LENGTH_DIGITS);
        if (end < from || end > stored.length) {
            throw new IllegalArgumentException("the notes in the job record are not whole");
        }
        long number = Long.parseLong(new String(stored, at, NUMBER_DIGITS, StandardCharsets.ISO_8859_1));
        return new Notes(number, Arrays.copyOfRange(stored, from, end));
    }

    /** Whether it came with constraints. */
    boolean hasConstraints() {
        return section != null;
    }

    /** What it asked for beyond being run. */
    JobSnapshot.Constraints constraints() {
        return section == null ? JobSnapshot.Constraints.NONE : section;
    }

    /** What the beginning of a record says of its workflow; null if it is of none, or cannot be read. */
    static @Nullable WorkflowMember memberOf(byte[] beginning) {
        boolean hasWords = hasHead(beginning) && hasSections(beginning) && notesAt(beginning) <= beginning.length;
        return hasWords ? section(beginning, notesAt(beginning)).member() : null;
    }

    private static JobSnapshot.Constraints section(byte[] stored, int end) {
        String key = null;
        String group = null;
        long expires = 0;
        WorkflowMember member = null;
        int from = HEAD + CONSTRAINTS_DIGITS;
        for (String word : new String(stored, from, end - from, StandardCharsets.ISO_8859_1).split(" ", -1)) {
            switch (word.isEmpty() ? ' ' : word.charAt(0)) {
                case 'u' -> key = WireText.show(word.substring(Math.min(2, word.length())));
                case 'g' -> group = WireText.show(word.substring(1));
                case 'x' -> expires = Long.parseLong(word.substring(1));
                case 'm' -> member = WorkflowWords.member(word.substring(1));
                default -> {}
            }
        }
        return new JobSnapshot.Constraints(key, group, expires, member);
    }

    /**
     * What a script says of a job: a record without constraints and failure, cut short; empty if it could not be read.
     */
    static JobBrief brief(String id, byte[] brief) {
        try {
            StoredJob job = parse(brief);
            return new JobBrief(id, job.body(), job.failures(), job.lostLeases(), job.releases());
        } catch (IllegalArgumentException e) {
            // The id is what matters; what cannot be read is left out.
            return new JobBrief(id, new byte[0], 0, 0, 0);
        }
    }

    private static int number(byte[] stored, int from, int digits) {
        int number = 0;
        for (int i = from; i < from + digits; i++) {
            if (stored[i] < '0' || stored[i] > '9') {
                throw new IllegalArgumentException("the job record has no digit at position " + i);
            }
            number = number * 10 + (stored[i] - '0');
        }
        return number;
    }
}
