package io.tidemill.record;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemill.json.Json;
import io.tidemill.task.PayloadException;
import java.io.IOException;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What operators see of a worker. Immutable.
 *
 * @param host the machine it runs on
 * @param pid the process it runs in
 * @param startedMillis when it started, ms since 1970 by its own clock
 * @param concurrency how many jobs it runs at once
 * @param queues the queues that it serves; of more than 20 only the one that it is listed for
 * @param tasks the tasks that it knows
 * @param running how many jobs it held when this was written, in all of its queues
 * @param endedPerMinute how many of its runs ended per minute shortly before
 * @param quiet whether it claims no jobs, as it was asked to
 * @param version the version of Tidemill that it runs
 */
public record WorkerRecord(
        @JsonProperty("host") String host,
        @JsonProperty("pid") long pid,
        @JsonProperty("started") long startedMillis,
        @JsonProperty("concurrency") int concurrency,
        @JsonProperty("queues") Set<String> queues,
        @JsonProperty("tasks") Set<String> tasks,
        @JsonProperty("running") int running,
        @JsonProperty("endedPerMinute") double endedPerMinute,
        @JsonProperty("quiet") boolean quiet,
        @JsonProperty("version") String version) {

    private static final ObjectMapper MAPPER = Json.mapper();

    /** Of a worker that said nothing that can be read. */
    private static final WorkerRecord UNREADABLE = new WorkerRecord("?", 0, 0, 0, Set.of(), Set.of(), 0, 0, false, "?");

    /** What is missing is empty: another version may have written it. */
    public WorkerRecord(
            @Nullable String host,
            long pid,
            long startedMillis,
            int concurrency,
            @Nullable Set<String> queues,
            @Nullable Set<String> tasks,
            int running,
            double endedPerMinute,
            boolean quiet,
            @Nullable String version) {
        this.host = host == null ? "?" : host;
        this.pid = pid;
        this.startedMillis = startedMillis;
        this.concurrency = concurrency;
        this.queues = sorted(queues);
        this.tasks = sorted(tasks);
        this.running = running;
        this.endedPerMinute = endedPerMinute;
        this.quiet = quiet;
        this.version = version == null ? "?" : version;
    }

    /** In the order of the names: that of {@code Set.copyOf} is another in each JVM, and operators see it. */
    private static Set<String> sorted(@Nullable Set<String> names) {
        return names == null ? Set.of() : Collections.unmodifiableSortedSet(new TreeSet<>(names));
    }

    /** The same with other {@code queues}. */
    public WorkerRecord withQueues(Set<String> value) {
        return new WorkerRecord(
                host, pid, startedMillis, concurrency, value, tasks, running, endedPerMinute, quiet, version);
    }

    /** The same with what it does at the moment. */
    public WorkerRecord doing(int jobs, double runsPerMinute) {
        return new WorkerRecord(
                host, pid, startedMillis, concurrency, queues, tasks, jobs, runsPerMinute, quiet, version);
    }

    /** The same with how many jobs it runs at once by now. */
    public WorkerRecord sized(int jobs, boolean isQuiet) {
        return new WorkerRecord(
                host, pid, startedMillis, jobs, queues, tasks, running, endedPerMinute, isQuiet, version);
    }

    /** As bytes. */
    public byte[] encode() {
        try {
            return MAPPER.writeValueAsBytes(this);
        } catch (IOException e) {
            throw new PayloadException("a worker's record cannot be written as JSON", e);
        }
    }

    /** What these bytes say; of a worker that nothing is known of if they cannot be read. */
    public static WorkerRecord decode(byte[] bytes) {
        try {
            WorkerRecord record = MAPPER.readValue(bytes, WorkerRecord.class);
            return record == null ? UNREADABLE : record;
        } catch (IOException | RuntimeException e) {
            return UNREADABLE;
        }
    }
}
