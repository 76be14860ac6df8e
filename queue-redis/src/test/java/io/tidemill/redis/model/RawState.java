package io.tidemill.redis.model;

import io.tidemill.queue.QueueCounts;
import io.tidemill.queue.QueueCounts.Count;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptTexts;
import io.tidemill.task.JobState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the scripts that only look say of the queue, all of them in one call and past the broker: ten calls through the
 * broker after each operation would take most of the time. {@link State} has the same texts by the same names.
 *
 * @param parts texts by name
 * @param standing jobs that have ended and still stand in a line
 */
record RawState(Map<String, String> parts, Set<String> standing) {

    private static final String BASE = "tm:{" + Operation.QUEUE + "}:";
    private static final List<JobState> LISTED = List.of(
            JobState.READY, JobState.SCHEDULED, JobState.WAITING, JobState.ACTIVE, JobState.DEAD, JobState.SUCCEEDED);
    private static final Set<String> OF_ONE_JOB = Set.of("job", "result", "told");
    /** Where a reply's own parts begin. */
    private static final int FIRST = 2;

    /** The script; its arguments are ids to find. */
    static String script(Map<Script, UnaryOperator<String>> changes) {
        StringBuilder text = new StringBuilder("local id = ''\n");
        for (Script script : List.of(Script.COUNTS, Script.LIST, Script.LEASES, Script.SCHEDULES, Script.FIND)) {
            text.append("local function ").append(script.hop()).append("(KEYS, ARGV)\n");
            text.append(changes.getOrDefault(script, UnaryOperator.identity()).apply(ScriptTexts.source(script)));
            text.append("end\n");
        }
        text.append("local seen = { redis.call('SMEMBERS', '").append(BASE).append("dropped') }\n");
        text.append(call(Script.COUNTS, "'0'"));
        for (JobState state : LISTED) {
            text.append(call(Script.LIST, "'0', '" + state + "', '0', '1000'"));
        }
        text.append(call(Script.LEASES, "'0', '1000'"));
        text.append(call(Script.SCHEDULES, "'0', '0', '100'"));
        text.append("for i = 1, #ARGV do\nid = ARGV[i]\n")
                .append(call(Script.FIND, "'0', id, '0', ''"))
                .append("end\nreturn seen\n");
        return text.toString();
    }

    private static String call(Script script, String arguments) {
        String keys = script.keys().stream()
                .map(key -> "'" + BASE + key + (OF_ONE_JOB.contains(key) ? ":' .. id" : "'"))
                .collect(Collectors.joining(", "));
        return "seen[#seen + 1] = " + script.hop() + "({ " + keys + " }, { " + arguments + " })\n";
    }

    static RawState read(List<?> seen, List<String> ended) {
        Map<String, String> parts = new LinkedHashMap<>();
        Set<String> standing = new TreeSet<>(texts(seen.get(0)));
        parts.put("counts", counts(texts(seen.get(1))));
        int at = 2;
        for (JobState state : LISTED) {
            parts.put(state.name(), listed(state, texts(seen.get(at++))));
        }
        parts.put("leases", leases((List<?>) seen.get(at++)));
        parts.put("schedules", schedules(texts(seen.get(at++))));
        for (String id : ended) {
            parts.put(id, found(id, texts(seen.get(at++))));
        }
        return new RawState(parts, standing);
    }

    private static List<String> texts(Object reply) {
        return ((List<?>) reply).stream().map(String::valueOf).toList();
    }

    private static String counts(List<String> reply) {
        long[] of = reply.stream().skip(FIRST).mapToLong(Long::parseLong).toArray();
        return QueueCounts.of(Stream.of(Count.values())
                        .collect(Collectors.toMap(count -> count, count -> of[count.ordinal()])))
                .toString();
    }

    private static String listed(JobState state, List<String> reply) {
        List<String> jobs = new ArrayList<>();
        for (int i = FIRST + 1; i < reply.size(); i += 3) {
            jobs.add(job(reply.get(i), state, Long.parseLong(reply.get(i + 1)), reply.get(i + 2), "-"));
        }
        return State.text(state, jobs.stream());
    }

    /** Behind the name stand revision, time and content, with blanks between them. */
    private static String schedules(List<String> reply) {
        List<String> schedules = new ArrayList<>();
        for (int i = FIRST + 2; i < reply.size(); i += 2) {
            schedules.add(reply.get(i).replace("!0", " ").replace("!1", "!") + " " + reply.get(i + 1));
        }
        return schedules.toString();
    }

    private static String leases(List<?> reply) {
        List<String> leases = new ArrayList<>();
        for (int i = FIRST; i < reply.size(); i += 3) {
            long ends = Long.parseLong(String.valueOf(reply.get(i + 1)));
            leases.add(State.text(String.valueOf(reply.get(i)), ends, texts(reply.get(i + 2))));
        }
        return leases.toString();
    }

    private static String found(String id, List<String> reply) {
        String state = reply.get(FIRST);
        String result = reply.get(FIRST + 3);
        return state.isEmpty()
                ? "unknown"
                : job(
                        id,
                        JobState.valueOf(state),
                        Long.parseLong(reply.get(FIRST + 1)),
                        reply.get(FIRST + 2),
                        result.startsWith("S") ? result.substring(1) : "-");
    }

    /** A job that is kept has two times of 16 digits behind its record: when it finished and when it started. */
    private static String job(String id, JobState state, long time, String stored, String result) {
        if (state != JobState.SUCCEEDED || stored.isEmpty()) {
            return State.text(id, state, time, 0, record(stored), result);
        }
        int end = stored.length() - 32;
        return State.text(
                id,
                state,
                Long.parseLong(stored.substring(end, end + 16)),
                Long.parseLong(stored.substring(end + 16)),
                record(stored.substring(0, end)),
                result);
    }

    /** A record as docs/redis-protocol.md describes it. */
    private static String record(String text) {
        if (text.isEmpty()) {
            return "p0 0-0-0 '-' failure '-'";
        }
        // Its lengths count bytes: one character per byte.
        String stored = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        int from = stored.charAt(0) == 'A' ? 16 : 20 + Integer.parseInt(stored.substring(16, 20));
        if (stored.charAt(0) == 'C') {
            from += 18 + Integer.parseInt(stored.substring(from + 10, from + 18));
        }
        int end = stored.length();
        String failure = "-";
        if (stored.charAt(15) == 'f') {
            int length = Integer.parseInt(stored.substring(end - 8));
            failure = stored.substring(end - 8 - length, end - 8);
            end -= 8 + length;
        }
        return "p" + stored.charAt(2) + " " + number(stored, 3, 7) + "-" + number(stored, 7, 10) + "-"
                + number(stored, 10, 15) + " '" + stored.substring(from, end) + "' failure '" + failure + "'";
    }

    private static int number(String stored, int from, int to) {
        return Integer.parseInt(stored.substring(from, to));
    }
}
