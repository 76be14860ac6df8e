package io.tidemill.redis;

import io.tidemill.broker.ScheduleStep;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.redis.keys.WireText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What Redis keeps of a schedule under its name; {@code lua/lib/plans.lua} has the same. */
final class StoredPlan {

    /** A revision has up to 256 characters of up to 4 bytes, and the time up to 19 digits. */
    private static final int LONGEST_HEAD = 1_100;

    private static final Pattern HEAD = Pattern.compile("^(\\S+) (-1|\\d{1,19}) ");
    private static final byte[] NONE = {};

    private StoredPlan() {}

    static byte[] write(StoredSchedule schedule) {
        return withHead(head(schedule), schedule.content());
    }

    /** A step as {@code lua/lib/steps.lua} takes it; empty for none. */
    static byte[] step(@Nullable ScheduleStep step) {
        if (step == null) {
            return NONE;
        }
        String beginning = WireText.of("schedule name", step.after().name()) + " "
                + WireText.of("revision", step.expected()) + " ";
        return withHead(beginning + head(step.after()), step.after().content());
    }

    /** Empty if something else wrote it. */
    static Optional<StoredSchedule> read(String wireName, byte[] plan) {
        Matcher head =
                HEAD.matcher(new String(plan, 0, Math.min(plan.length, LONGEST_HEAD), StandardCharsets.ISO_8859_1));
        if (!head.find()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new StoredSchedule(
                    WireText.read("schedule name", wireName),
                    WireText.read("revision", head.group(1)),
                    Long.parseLong(head.group(2)),
                    Arrays.copyOfRange(plan, head.end(), plan.length)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String head(StoredSchedule schedule) {
        return WireText.of("revision", schedule.revision()) + " " + schedule.fireAtMillis() + " ";
    }

    private static byte[] withHead(String head, byte[] content) {
        return ByteBuffer.allocate(head.length() + content.length)
                .put(head.getBytes(StandardCharsets.ISO_8859_1))
                .put(content)
                .array();
    }
}
