package io.tidemill.record;

import io.tidemill.message.MissingKeyException;
import io.tidemill.message.PayloadSeal.Kind;
import io.tidemill.task.PayloadException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a job has got, as its runs have said it. It is stored as a line of numbers, {@code A <job> <number> <attempt>
 * <millis> <percent> <before>}, and then, sealed if there is a seal, a line with the message and a line {@code <millis>
 * <text>} for each line of the log.
 *
 * <p>Immutable.
 *
 * @param job when the job was created, ms since 1970
 * @param number of the report; 0 if there was none
 * @param attempt the run that said it last
 * @param atMillis when it said so, ms since 1970
 * @param percent 0 to 100; -1 if no run has said it
 * @param before how many lines there were before those that are kept
 * @param message of the percentage; may be empty
 * @param lines the newest lines of the log
 */
public record Progress(
        long job, long number, int attempt, long atMillis, int percent, long before, String message, List<Line> lines) {

    /** Most lines that are kept. */
    public static final int MAX_LINES = 100;
    /** Most characters of a line, and of a message. */
    public static final int MAX_CHARS = 500;

    private static final char LAYOUT = 'A';
    private static final long NUMBERS_PER_RUN = 100_000_000;
    private static final int NUMBERS = 6;
    private static final String SEALED = "(sealed)\n";

    /** A line of the log, and when it was written. */
    public record Line(long atMillis, String text) {}

    /** Keeps a copy. */
    public Progress {
        lines = List.copyOf(lines);
    }

    /** Of a job that has said nothing yet. */
    public static Progress none(long job) {
        return new Progress(job, 0, 1, 0, -1, 0, "", List.of());
    }

    /** The same, said by this run; its numbers are higher than those of the runs before. */
    public Progress inRun(int run) {
        return new Progress(job, run * NUMBERS_PER_RUN, run, atMillis, percent, before, message, lines);
    }

    /** With another percentage and message. */
    public Progress at(long millis, int newPercent, String newMessage) {
        if (newPercent < 0 || newPercent > 100) {
            throw new IllegalArgumentException("percent must be 0 to 100, got " + newPercent);
        }
        return new Progress(job, number, attempt, millis, newPercent, before, line(newMessage), lines);
    }

    /** With one line more; the oldest goes if there are too many. */
    public Progress with(long millis, String text) {
        List<Line> more = new ArrayList<>(lines);
        more.add(new Line(millis, line(text)));
        int tooMany = Math.max(0, more.size() - MAX_LINES);
        return new Progress(
                job, number, attempt, millis, percent, before + tooMany, message, more.subList(tooMany, more.size()));
    }

    /** The next report. */
    public Progress next() {
        return new Progress(job, number + 1, attempt, atMillis, percent, before, message, lines);
    }

    /** A text as one line of bounded length, without characters that would break a page or a terminal. */
    private static String line(String text) {
        boolean isLong = text.length() > MAX_CHARS;
        String part = isLong ? text.substring(0, MAX_CHARS - 3) : text;
        StringBuilder line = new StringBuilder(part.length());
        part.codePoints().map(each -> isPlain(each) ? each : ' ').forEach(line::appendCodePoint);
        return isLong ? line + "..." : line.toString();
    }

    private static boolean isPlain(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** As it is stored. */
    public byte[] bytes(Payloads payloads, String queue, String task, String id) {
        String numbers = String.format("%c%d %d %d %d %d %d%n", LAYOUT, job, number, attempt, atMillis, percent, before)
                .replace("\r", "");
        StringBuilder texts = new StringBuilder(message).append('\n');
        lines.forEach(line ->
                texts.append(line.atMillis()).append(' ').append(line.text()).append('\n'));
        byte[] head = numbers.getBytes(StandardCharsets.US_ASCII);
        byte[] sealed =
                payloads.seal(Kind.PROGRESS, texts.toString().getBytes(StandardCharsets.UTF_8), queue, task, id);
        byte[] all = Arrays.copyOf(head, head.length + sealed.length);
        System.arraycopy(sealed, 0, all, head.length, sealed.length);
        return all;
    }

    /**
     * Reads what {@link #bytes} wrote. Without the key of the seal there are numbers, and no texts.
     *
     * @param payloads what opens sealed texts; null for nothing
     * @throws PayloadException if it is damaged, or of a newer version
     */
    public static Progress read(byte[] stored, @Nullable Payloads payloads, String queue, String id) {
        int end = 0;
        while (end < stored.length && stored[end] != '\n') {
            end++;
        }
        String[] numbers = new String(stored, 0, end, StandardCharsets.US_ASCII).split(" ", -1);
        if (end == stored.length || stored[0] != LAYOUT || numbers.length < NUMBERS) {
            throw new PayloadException("what is kept of the progress of job " + id + " cannot be read here", null);
        }
        try {
            String texts = texts(Arrays.copyOfRange(stored, end + 1, stored.length), payloads, queue, id);
            List<Line> lines = new ArrayList<>();
            String[] parts = texts.split("\n", -1);
            for (int i = 1; i < parts.length - 1; i++) {
                int blank = parts[i].indexOf(' ');
                lines.add(new Line(Long.parseLong(parts[i].substring(0, blank)), parts[i].substring(blank + 1)));
            }
            return new Progress(
                    Long.parseLong(numbers[0].substring(1)),
                    Long.parseLong(numbers[1]),
                    Integer.parseInt(numbers[2]),
                    Long.parseLong(numbers[3]),
                    Integer.parseInt(numbers[4]),
                    Long.parseLong(numbers[5]),
                    parts[0],
                    lines);
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new PayloadException("what is kept of the progress of job " + id + " cannot be read here", e);
        }
    }

    private static String texts(byte[] stored, @Nullable Payloads payloads, String queue, String id) {
        if (payloads == null) {
            return Payloads.isSealed(stored) ? SEALED : new String(stored, StandardCharsets.UTF_8);
        }
        try {
            return new String(payloads.open(Kind.PROGRESS, stored, queue, null, id), StandardCharsets.UTF_8);
        } catch (MissingKeyException | SealFailedException e) {
            return SEALED;
        }
    }
}
