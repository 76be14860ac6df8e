package io.tidemill.record;

import io.tidemill.task.PayloadException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the runs of a job have recorded, as it stands in its notes: a letter that names the layout, the steps and sleeps
 * in order, then the checkpoint if there is one. Each is a line {@code <kind> <length> <name>}, and so many bytes.
 *
 * <p>Immutable, except that arrays are not copied.
 */
final class StepEntries {

    /** One of them. */
    record Entry(char kind, String name, byte[] bytes) {

        static final char STEP = 's';
        static final char SLEEP = 'z';
        static final char CHECKPOINT = 'c';

        static Entry sleep(String name, long untilMillis) {
            return new Entry(SLEEP, name, Long.toString(untilMillis).getBytes(StandardCharsets.US_ASCII));
        }

        long untilMillis() {
            return Long.parseLong(new String(bytes, StandardCharsets.US_ASCII));
        }

        static String word(char kind) {
            return kind == SLEEP ? "sleep" : "step";
        }

        private byte[] line() {
            return (kind + " " + bytes.length + " " + name + "\n").getBytes(StandardCharsets.US_ASCII);
        }
    }

    private static final char LAYOUT = 'A';

    private final List<Entry> steps;
    private final byte @Nullable [] checkpoint;
    /** Layout and steps. */
    private final byte[] beginning;

    private StepEntries(List<Entry> steps, byte @Nullable [] checkpoint, byte[] beginning) {
        this.steps = steps;
        this.checkpoint = checkpoint;
        this.beginning = beginning;
    }

    /**
     * Reads notes.
     *
     * @throws NewerLayoutException if a newer version wrote them
     * @throws PayloadException if they are damaged
     */
    static StepEntries read(byte[] notes) {
        if (notes.length == 0) {
            return new StepEntries(List.of(), null, new byte[] {LAYOUT});
        }
        if (notes[0] > LAYOUT && notes[0] <= 'Z') {
            throw new NewerLayoutException("what runs of the job have recorded", (char) notes[0], LAYOUT);
        }
        if (notes[0] != LAYOUT) {
            throw damaged();
        }
        List<Entry> steps = new ArrayList<>();
        int at = 1;
        while (at < notes.length) {
            Entry entry = entry(notes, at);
            if (entry.kind() == Entry.CHECKPOINT) {
                return new StepEntries(List.copyOf(steps), entry.bytes(), Arrays.copyOf(notes, at));
            }
            steps.add(entry);
            at += entry.line().length + entry.bytes().length;
        }
        return new StepEntries(List.copyOf(steps), null, notes);
    }

    private static Entry entry(byte[] notes, int at) {
        int end = at;
        while (end < notes.length && notes[end] != '\n') {
            end++;
        }
        String[] words = new String(notes, at, end - at, StandardCharsets.US_ASCII).split(" ", 3);
        if (words.length != 3 || words[0].length() != 1 || !words[1].matches("\\d{1,8}")) {
            throw damaged();
        }
        int from = end + 1;
        int to = from + Integer.parseInt(words[1]);
        if (to > notes.length) {
            throw damaged();
        }
        return new Entry(words[0].charAt(0), words[2], Arrays.copyOfRange(notes, from, to));
    }

    private static PayloadException damaged() {
        return new PayloadException("what runs of the job have recorded is damaged", null);
    }

    /** The step or sleep at this place, from 0; null if there are fewer. */
    @Nullable
    Entry at(int place) {
        return place < steps.size() ? steps.get(place) : null;
    }

    byte @Nullable [] checkpoint() {
        return checkpoint;
    }

    StepEntries with(Entry step) {
        List<Entry> more = new ArrayList<>(steps);
        more.add(step);
        return new StepEntries(List.copyOf(more), checkpoint, joined(beginning, step));
    }

    StepEntries withCheckpoint(byte[] bytes) {
        return new StepEntries(steps, bytes, beginning);
    }

    /** As they are stored. */
    byte[] bytes() {
        return checkpoint == null
                ? beginning
                : joined(beginning, new Entry(Entry.CHECKPOINT, "checkpoint", checkpoint));
    }

    /** How many bytes of what is stored stay in changed entries; 0 if nothing is stored yet. */
    int staysIn(StepEntries changed) {
        boolean isStored = !steps.isEmpty() || checkpoint != null;
        return isStored ? Math.min(beginning.length, changed.beginning.length) : 0;
    }

    private static byte[] joined(byte[] before, Entry entry) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream(before.length + entry.bytes().length + 32);
        joined.writeBytes(before);
        joined.writeBytes(entry.line());
        joined.writeBytes(entry.bytes());
        return joined.toByteArray();
    }

    /** What a codec read as a declared type is of that type. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals", "NullAway"}) // R may be nullable.
    static <R extends @Nullable Object> R cast(@Nullable Object value) {
        return (R) value;
    }
}
