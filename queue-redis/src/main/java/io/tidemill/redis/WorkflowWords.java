package io.tidemill.redis;

import io.tidemill.broker.Fill;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.OutboxMessage;
import io.tidemill.broker.PlaceValue;
import io.tidemill.broker.StepEnd;
import io.tidemill.broker.WorkflowEnd;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowMember;
import io.tidemill.redis.keys.WireText;
import io.tidemill.task.Priority;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How jobs of workflows, fills and messages stand in requests and in Redis: {@code lua/lib/storing.lua},
 * {@code filling.lua} and {@code messages.lua} have the same.
 */
final class WorkflowWords {

    private static final byte[] SKIPPED = {'s'};
    private static final String COUNT = "#";
    /** Parts of a message with their separators: a member, as {@link #member} writes it, has two. */
    private static final int MEMBER_PARTS = 3;

    private WorkflowWords() {}

    /** What a job of a workflow asks for, without its time to expire. */
    static String constraints(WorkflowJob job) {
        String group = job.job().constraints().group();
        return "m" + member(job.member()) + (job.hasPlaces() ? " p" : "")
                + (group == null ? "" : " g" + WireText.of("group", group));
    }

    /** Whether it asks for nothing but to be a step, and may run at once. */
    static boolean isPlain(WorkflowJob job) {
        NewJob it = job.job();
        return it.priority() == Priority.DEFAULT
                && it.delayMillis() <= 0
                && it.dueMillis() <= 0
                && it.constraints().equals(JobConstraints.NONE)
                && !job.hasPlaces();
    }

    /** When it runs, until when it has to start, and how many places it has. */
    static String times(WorkflowJob job) {
        NewJob it = job.job();
        JobConstraints constraints = it.constraints();
        return Math.max(0, it.delayMillis()) + " " + Math.max(0, it.dueMillis()) + " " + constraints.expiresInMillis()
                + " " + job.places();
    }

    static String place(Fill fill) {
        return fill.place() == Fill.COUNT ? COUNT : Integer.toString(fill.place());
    }

    static byte[] value(Fill fill) {
        byte[] value = fill.value();
        if (value == null) {
            return SKIPPED;
        }
        return fill.place() == Fill.COUNT ? value : with("v", value);
    }

    static PlaceValue value(byte[] stored) {
        if (stored.length == 0) {
            return PlaceValue.EMPTY;
        }
        return stored[0] == 's' ? PlaceValue.SKIPPED : PlaceValue.of(Arrays.copyOfRange(stored, 1, stored.length));
    }

    static byte[] message(Fill fill) {
        return with(
                "f " + fill.queue() + " " + WireText.of("job id", fill.job()) + " " + place(fill) + " ", value(fill));
    }

    static byte[] message(WorkflowMember member, WorkflowEnd end) {
        return with("w " + member(member) + " " + end.keepMillis() + " ", end.outcome());
    }

    static String member(WorkflowMember member) {
        return member.home() + "/" + member.step() + "/" + WireText.of("workflow id", member.workflow());
    }

    /** Null if it is none: something else wrote it. */
    static @Nullable WorkflowMember member(String words) {
        String[] parts = words.split("/", MEMBER_PARTS);
        try {
            return parts.length < MEMBER_PARTS
                    ? null
                    : new WorkflowMember(WireText.read("workflow id", parts[2]), parts[0], Integer.parseInt(parts[1]));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /**
     * Reads a message.
     *
     * @throws IllegalArgumentException if it is none
     */
    static OutboxMessage read(byte[] stored) {
        String text = new String(stored, StandardCharsets.ISO_8859_1);
        String[] words = text.split(" ", 6);
        if (words.length < 4) {
            throw new IllegalArgumentException("a message has too few words");
        }
        long number = Long.parseLong(words[0]);
        return switch (words[1]) {
            case "f" -> new OutboxMessage.Filling(number, fill(words));
            case "e" ->
                new OutboxMessage.Ended(number, WireText.read("job id", words[4]), known(words[3]), end(words[2]));
            case "w" -> new OutboxMessage.Ending(number, known(words[2]), ending(stored, text, words));
            default -> throw new IllegalArgumentException("a message has an unknown kind");
        };
    }

    private static Fill fill(String[] words) {
        String job = WireText.read("job id", words[3]);
        byte[] value = words[5].getBytes(StandardCharsets.ISO_8859_1);
        if (words[4].equals(COUNT)) {
            return new Fill(words[2], job, Fill.COUNT, value);
        }
        int place = Integer.parseInt(words[4]);
        return value[0] == 's'
                ? Fill.skipped(words[2], job, place)
                : new Fill(words[2], job, place, Arrays.copyOfRange(value, 1, value.length));
    }

    private static WorkflowEnd ending(byte[] stored, String text, String[] words) {
        int from = words[0].length() + words[1].length() + words[2].length() + words[3].length() + 4;
        return new WorkflowEnd(
                Arrays.copyOfRange(stored, Math.min(from, text.length()), stored.length), Long.parseLong(words[3]));
    }

    private static WorkflowMember known(String words) {
        WorkflowMember member = member(words);
        if (member == null) {
            throw new IllegalArgumentException("a message names no workflow");
        }
        return member;
    }

    private static StepEnd end(String letter) {
        return switch (letter) {
            case "D" -> StepEnd.DEAD;
            case "C" -> StepEnd.CANCELLED;
            case "X" -> StepEnd.EXPIRED;
            case "R" -> StepEnd.REMOVED;
            default -> throw new IllegalArgumentException("a message says of a job what no job can be");
        };
    }

    private static byte[] with(String words, byte[] value) {
        byte[] before = words.getBytes(StandardCharsets.ISO_8859_1);
        byte[] whole = Arrays.copyOf(before, before.length + value.length);
        System.arraycopy(value, 0, whole, before.length, value.length);
        return whole;
    }
}
