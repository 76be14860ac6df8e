package io.tidemill.schedule;

import io.tidemill.schedule.ScheduleState.Counts;
import io.tidemill.schedule.ScheduleState.Owner;
import io.tidemill.schedule.ScheduleState.Trouble;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a {@link ScheduleState} as bytes: readable lines, then the prepared call as it is.
 *
 * <pre>
 * schedule 1                          layout; a reader refuses every other
 * timing cron Europe/Berlin 0 2 * * *
 * bounds 0 -1 300000                  start, end, jitter; left out if there are none
 * misfire ONCE 1 60000                policy, most, grace in ms
 * overlap ALLOW
 * tick true                           left out unless each job is given its tick
 * owner shop 3 1795212339800          name, version, when it was last seen; left out if there is none
 * paused true                         left out unless it is
 * moved reports                       the queue that it moves to; left out if it does not
 * due 1795226400000                   left out if there is none, as are waiting, last, job and trouble
 * waiting 1795222800000
 * last 1795222800000
 * job nightly@2026-11-21T02:00:00Z
 * counts 12 0 1                       fired, skipped, missed
 * trouble 3 1795212339800 why         tries, held back until, why
 * history 2                           so many lines follow, the newest first: at, due, what, count, job
 * 1795222800004 1795222800000 FIRED 1 nightly@2026-11-21T01:00:00Z
 * 1795136400007 1795136400000 FIRED 1 nightly@2026-11-20T01:00:00Z
 * call 131                            bytes that follow this line, to the end
 * prepared 1
 * ...
 * </pre>
 *
 * <p>A line that a reader does not know was written by a newer version: it leaves the whole alone.
 */
final class ScheduleCodec {

    private static final String LAYOUT = "1";
    private static final String FIRST = "schedule";
    private static final String HISTORY = "history";
    private static final String LAST = "call";
    private static final String NEWER = "; a newer version wrote it, so update this program";

    private ScheduleCodec() {}

    static byte[] encode(ScheduleState state) {
        Definition definition = state.definition();
        StringBuilder lines = new StringBuilder(512);
        line(lines, FIRST, LAYOUT);
        line(lines, "timing", TimingText.of(definition.timing()));
        String bounds = TimingText.bounds(definition.timing());
        line(lines, "bounds", bounds.isEmpty() ? null : bounds);
        Misfire misfire = definition.misfire();
        line(lines, "misfire", misfire.name() + " " + misfire.most() + " " + definition.graceMillis());
        line(lines, "overlap", definition.overlap());
        line(lines, "tick", definition.takesTick() ? true : null);
        Owner owner = state.owner();
        line(lines, "owner", owner == null ? null : owner.name() + " " + owner.version() + " " + owner.seenMillis());
        line(lines, "paused", state.paused() ? true : null);
        line(lines, "moved", state.movedTo());
        time(lines, "due", state.due());
        time(lines, "waiting", state.waiting());
        time(lines, "last", state.lastDue());
        line(lines, "job", state.lastJob());
        Counts counts = state.counts();
        line(lines, "counts", counts.fired() + " " + counts.skipped() + " " + counts.missed());
        Trouble trouble = state.trouble();
        line(
                lines,
                "trouble",
                trouble == null ? null : trouble.tries() + " " + trouble.untilMillis() + " " + trouble.why());
        line(lines, HISTORY, state.history().size());
        state.history().forEach(entry -> lines.append(entry.line()).append('\n'));
        line(lines, LAST, definition.call().length);
        byte[] head = lines.toString().getBytes(StandardCharsets.UTF_8);
        byte[] bytes = Arrays.copyOf(head, head.length + definition.call().length);
        System.arraycopy(definition.call(), 0, bytes, head.length, definition.call().length);
        return bytes;
    }

    private static void line(StringBuilder lines, String name, @Nullable Object value) {
        if (value != null) {
            lines.append(name).append(' ').append(value).append('\n');
        }
    }

    private static void time(StringBuilder lines, String name, long millis) {
        line(lines, name, millis == ScheduleState.NONE ? null : millis);
    }

    /**
     * The schedule that these bytes hold.
     *
     * @throws IllegalArgumentException if they hold none, or if a newer version wrote them; says why
     */
    static ScheduleState decode(byte[] bytes) {
        Reader reader = new Reader(bytes);
        String[] first = reader.line().split(" ", 2);
        if (first.length != 2 || !first[0].equals(FIRST)) {
            throw new IllegalArgumentException("the content does not begin as that of a schedule");
        } else if (!first[1].equals(LAYOUT)) {
            throw new IllegalArgumentException(
                    "the content has layout " + first[1] + ", and this version reads layout " + LAYOUT + NEWER);
        }
        Map<String, String> lines = new LinkedHashMap<>();
        List<HistoryEntry> history = new ArrayList<>();
        while (!lines.containsKey(LAST)) {
            String[] line = reader.line().split(" ", 2);
            if (line.length != 2 || lines.put(line[0], line[1]) != null) {
                throw new IllegalArgumentException("line \"" + line[0] + "\" has no value, or is there twice");
            }
            if (line[0].equals(HISTORY)) {
                reader.lines(Integer.parseInt(line[1])).forEach(entry -> history.add(HistoryEntry.parse(entry)));
            }
        }
        lines.remove(HISTORY);
        try {
            return state(lines, history, reader.rest());
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("the time zone or a time is not known here: " + e.getMessage(), e);
        }
    }

    private static ScheduleState state(Map<String, String> lines, List<HistoryEntry> history, byte[] call) {
        if (Integer.parseInt(text(lines, LAST)) != call.length) {
            throw new IllegalArgumentException("the content does not end where its call ends");
        }
        ScheduleState.Draft draft = new ScheduleState.Draft(definition(lines, call));
        draft.owner = owner(lines.remove("owner"));
        draft.paused = Boolean.parseBoolean(lines.remove("paused"));
        draft.movedTo = lines.remove("moved");
        draft.due = time(lines, "due");
        draft.waiting = time(lines, "waiting");
        draft.lastDue = time(lines, "last");
        draft.lastJob = lines.remove("job");
        String[] counts = parts(text(lines, "counts"), 3);
        draft.counts = new Counts(Long.parseLong(counts[0]), Long.parseLong(counts[1]), Long.parseLong(counts[2]));
        draft.trouble = trouble(lines.remove("trouble"));
        draft.history = List.copyOf(history);
        if (!lines.isEmpty()) {
            throw new IllegalArgumentException(
                    "the content has " + lines.keySet() + ", which this version does not know" + NEWER);
        }
        return draft.state();
    }

    private static Definition definition(Map<String, String> lines, byte[] call) {
        Timing timing = TimingText.parse(text(lines, "timing"));
        String bounds = lines.remove("bounds");
        String[] misfire = parts(text(lines, "misfire"), 3);
        return new Definition(
                bounds == null ? timing : TimingText.within(timing, bounds),
                Misfire.parse(misfire[0], Integer.parseInt(misfire[1])),
                Long.parseLong(misfire[2]),
                Overlap.valueOf(text(lines, "overlap")),
                Boolean.parseBoolean(lines.remove("tick")),
                call);
    }

    private static @Nullable Owner owner(@Nullable String line) {
        if (line == null) {
            return null;
        }
        String[] parts = parts(line, 3);
        return new Owner(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2]));
    }

    private static @Nullable Trouble trouble(@Nullable String line) {
        if (line == null) {
            return null;
        }
        String[] parts = parts(line, 3);
        return new Trouble(parts[2], Integer.parseInt(parts[0]), Long.parseLong(parts[1]));
    }

    private static String[] parts(String line, int count) {
        String[] parts = line.split(" ", count);
        if (parts.length != count) {
            throw new IllegalArgumentException("\"" + line + "\" has " + parts.length + " parts, expected " + count);
        }
        return parts;
    }

    private static String text(Map<String, String> lines, String name) {
        String value = lines.remove(name);
        if (value == null) {
            throw new IllegalArgumentException("line \"" + name + "\" is missing");
        }
        return value;
    }

    private static long time(Map<String, String> lines, String name) {
        String value = lines.remove(name);
        return value == null ? ScheduleState.NONE : Long.parseLong(value);
    }

    /** Takes lines, then the rest. Confined to one thread. */
    private static final class Reader {

        private final byte[] bytes;
        private int from;

        Reader(byte[] bytes) {
            this.bytes = bytes;
        }

        String line() {
            for (int i = from; i < bytes.length; i++) {
                if (bytes[i] == '\n') {
                    String line = new String(bytes, from, i - from, StandardCharsets.UTF_8);
                    from = i + 1;
                    return line;
                }
            }
            throw new IllegalArgumentException("the content ends before its call begins");
        }

        List<String> lines(int count) {
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                lines.add(line());
            }
            return lines;
        }

        byte[] rest() {
            return Arrays.copyOfRange(bytes, from, bytes.length);
        }
    }
}
