package io.tidemill.client;

import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.record.NewerLayoutException;
import io.tidemill.task.PayloadException;
import io.tidemill.task.Priority;
import io.tidemill.task.Unique;
import io.tidemill.text.Names;
import io.tidemill.text.PrintableText;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a {@link PreparedJob} as bytes: readable lines, then the job's record as it is.
 *
 * <pre>
 * prepared 1                        layout; a reader refuses every other
 * queue mail
 * id 0J8X2C7QK3M5T1V9AB
 * priority 4
 * delay 86400000                    ms from when the record was made; left out if 0
 * due 1795212339800                 ms since 1970; left out if there is none
 * group tenant 7                    left out if there is none
 * expires 90000000                  ms from when the record was made; left out if 0
 * unique UNTIL_DONE REFUSE 0 ada    scope, conflict, window in ms, key; left out if there is none
 * longest 60000                     ms, the longest delay of the unique key; left out if there is none
 * version 12                        of the unique key; left out if there is none
 * record 57                         bytes that follow this line, to the end
 * 1 send_email 1795125939800
 * ["ada@example.com","Welcome"]
 * </pre>
 *
 * <p>A line that a reader does not know asks for something that it cannot give: it refuses the whole.
 */
final class PreparedJobCodec {

    private static final String LAYOUT = "1";
    private static final String FIRST = "prepared";
    private static final String LAST = "record";
    /** Numbers of more digits do not survive every broker. */
    private static final long MOST = 99_999_999_999_999L;

    private static final String NOTHING = "they do not begin as PreparedJob.toBytes() writes them";
    private static final String NEWER = "; a newer version wrote them, so update this program";

    private PreparedJobCodec() {}

    static byte[] encode(PreparedJob prepared) {
        NewJob job = prepared.job();
        JobConstraints constraints = job.constraints();
        if (constraints.step() != null) {
            throw new IllegalStateException(prepared + " cannot be written as bytes: it is the next run of schedule \""
                    + constraints.step().after().name() + "\", which is stored now or not at all");
        }
        Unique unique = constraints.unique();
        StringBuilder lines = new StringBuilder(128);
        line(lines, FIRST, LAYOUT);
        line(lines, "queue", prepared.queue());
        line(lines, "id", job.id());
        line(lines, "priority", job.priority());
        line(lines, "delay", job.delayMillis() == 0 ? null : job.delayMillis());
        line(lines, "due", job.dueMillis() == NewJob.NOW ? null : job.dueMillis());
        line(lines, "group", constraints.group());
        line(lines, "expires", constraints.expiresInMillis() == 0 ? null : constraints.expiresInMillis());
        line(
                lines,
                "unique",
                unique == null
                        ? null
                        : unique.scope() + " " + unique.conflict() + " "
                                + unique.window().toMillis() + " " + unique.key());
        line(
                lines,
                "longest",
                unique == null || unique.longestDelay() == null
                        ? null
                        : unique.longestDelay().toMillis());
        line(lines, "version", unique == null ? null : unique.version());
        line(lines, LAST, job.body().length);
        byte[] head = lines.toString().getBytes(StandardCharsets.UTF_8);
        byte[] bytes = Arrays.copyOf(head, head.length + job.body().length);
        System.arraycopy(job.body(), 0, bytes, head.length, job.body().length);
        return bytes;
    }

    private static void line(StringBuilder lines, String name, @Nullable Object value) {
        if (value != null) {
            lines.append(name).append(' ').append(value).append('\n');
        }
    }

    static PreparedJob decode(byte[] bytes) {
        Map<String, String> lines = new LinkedHashMap<>();
        int from = 0;
        while (!lines.containsKey(LAST)) {
            int end = lineEnd(bytes, from);
            String[] line = new String(bytes, from, end - from, StandardCharsets.UTF_8).split(" ", 2);
            if (lines.isEmpty()) {
                checkFirst(line);
            }
            if (line.length != 2) {
                throw refused("line \"" + line[0] + "\" has no value", null);
            }
            if (lines.put(line[0], line[1]) != null) {
                throw refused("line \"" + line[0] + "\" is there twice", null);
            }
            from = end + 1;
        }
        lines.remove(FIRST);
        try {
            return prepared(lines, Arrays.copyOfRange(bytes, from, bytes.length));
        } catch (NewerLayoutException e) {
            throw refused("their record has a newer layout" + NEWER, e);
        } catch (IllegalArgumentException e) {
            throw refused(String.valueOf(e.getMessage()), e);
        }
    }

    private static int lineEnd(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        throw refused(from == 0 ? NOTHING : "they end before the record begins", null);
    }

    private static void checkFirst(String[] line) {
        if (line.length != 2 || !line[0].equals(FIRST)) {
            throw refused(NOTHING, null);
        }
        if (!line[1].equals(LAYOUT)) {
            throw refused("they have layout " + line[1] + ", and this version reads layout " + LAYOUT + NEWER, null);
        }
    }

    /** Takes all lines that it knows. The same checks as for a call: the bytes may come from anywhere. */
    private static PreparedJob prepared(Map<String, String> lines, byte[] body) {
        long length = number(lines, LAST);
        if (length != body.length) {
            throw refused("the record has " + length + " bytes, but " + body.length + " are there", null);
        }
        Job record = JobCodec.decode(body);
        String queue = Names.check("queue name", text(lines, "queue"));
        NewJob job = new NewJob(
                PrintableText.check("job id", text(lines, "id")),
                body,
                Priority.check(Integer.parseInt(text(lines, "priority"))),
                number(lines, "delay"),
                number(lines, "due"),
                new JobConstraints(unique(lines), lines.remove("group"), number(lines, "expires")));
        if (!lines.isEmpty()) {
            throw refused("they ask for " + lines.keySet() + ", which this version does not know" + NEWER, null);
        }
        return new PreparedJob(queue, Names.check("task name", record.task()), job, record.createdAtMillis(), null);
    }

    private static @Nullable Unique unique(Map<String, String> lines) {
        String line = lines.remove("unique");
        if (line == null) {
            return null;
        }
        String[] parts = line.split(" ", 4);
        if (parts.length != 4) {
            throw new IllegalArgumentException("a unique key has scope, conflict, window and key");
        }
        Unique unique = Unique.of(parts[3], Unique.Scope.valueOf(parts[0]), Duration.ofMillis(Long.parseLong(parts[2])))
                .onConflict(Unique.Conflict.valueOf(parts[1]));
        if (lines.containsKey("longest")) {
            unique = unique.longestDelay(Duration.ofMillis(number(lines, "longest")));
        }
        return lines.containsKey("version") ? unique.version(number(lines, "version")) : unique;
    }

    private static String text(Map<String, String> lines, String name) {
        String value = lines.remove(name);
        if (value == null) {
            throw new IllegalArgumentException("line \"" + name + "\" is missing");
        }
        return value;
    }

    /** 0 if the line is missing. */
    private static long number(Map<String, String> lines, String name) {
        String value = lines.remove(name);
        long number = value == null ? 0 : Long.parseLong(value);
        if (number < 0 || number > MOST) {
            throw new IllegalArgumentException(name + " must be 0 to " + MOST + ", got " + number);
        }
        return number;
    }

    private static PayloadException refused(String why, @Nullable Throwable cause) {
        return new PayloadException("these bytes cannot be enqueued: " + why, cause);
    }
}
