package io.tidemill.redis.model;

import static io.tidemill.redis.model.Operation.ALL;
import static io.tidemill.redis.model.Operation.QUEUE;
import static io.tidemill.redis.model.Operation.text;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Inspection;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.LeaseSnapshot;
import io.tidemill.broker.OutboxMessage;
import io.tidemill.broker.PlacePage;
import io.tidemill.broker.ScheduleStore;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkerSnapshot;
import io.tidemill.broker.WorkflowStore;
import io.tidemill.queue.HistoryRange;
import io.tidemill.queue.QueueHistory;
import io.tidemill.task.JobState;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** Everything that can be seen of a queue through the port, as texts by name. */
final class State {

    private final Map<String, CompletableFuture<String>> parts = new LinkedHashMap<>();

    private State() {}

    /**
     * Asks for all of it at once.
     *
     * @param ended ids of jobs that are in no list: what is known of them
     */
    static State of(Broker broker, Collection<String> ended) {
        State state = new State();
        state.parts.put("counts", broker.lists().counts(QUEUE).thenApply(String::valueOf));
        for (JobState each : List.of(
                JobState.READY,
                JobState.SCHEDULED,
                JobState.WAITING,
                JobState.ACTIVE,
                JobState.DEAD,
                JobState.SUCCEEDED)) {
            state.parts.put(
                    each.name(), broker.lists().list(QUEUE, each, 0, ALL).thenApply(jobs -> text(each, jobs)));
        }
        state.parts.put("leases", broker.operations().leases(QUEUE, ALL).thenApply(State::leases));
        state.parts.put(
                "schedules",
                broker.schedules()
                        .list(QUEUE, 0, ScheduleStore.MAX_TAKEN)
                        .thenApply(schedules -> schedules.stream()
                                .map(Operation.Schedule::text)
                                .toList()
                                .toString()));
        for (String id : ended) {
            state.parts.put(
                    id,
                    broker.lookUp()
                            .find(QUEUE, id, false)
                            .thenApply(found -> found.map(State::text).orElse("unknown")));
        }
        return state;
    }

    /** What changes rarely, and what says of each job once more what the lists say. */
    State andMore(Broker broker, Collection<String> ids, boolean exact) {
        parts.put(
                "limits",
                broker.limits()
                        .limits(QUEUE)
                        .thenApply(limits -> limits.queue() + " " + limits.groups() + " "
                                + new java.util.TreeMap<>(limits.overrides())));
        for (HistoryRange range : HistoryRange.values()) {
            parts.put("history " + range, broker.history().history(QUEUE, range).thenApply(State::periods));
        }
        parts.put("outbox", broker.workflows().outbox(QUEUE, ALL).thenApply(State::messages));
        parts.put(
                "workflows",
                broker.workflows().list(QUEUE, 0, WorkflowStore.MAX_LISTED).thenApply(State::workflows));
        for (String id : ids) {
            parts.put(
                    "places of " + id,
                    broker.workflows()
                            .places(QUEUE, id, 0, 5)
                            .thenApply(found -> found.map(State::places).orElse("none")));
        }
        parts.put("paused", broker.operations().isPaused(QUEUE).thenApply(String::valueOf));
        parts.put("workers", broker.operations().workers(QUEUE).thenApply(State::workers));
        for (String id : ids) {
            parts.put(
                    "inspection of " + id,
                    broker.operations()
                            .inspect(QUEUE, id)
                            .thenApply(found -> found.map(State::inspected)
                                    .map(it -> exact ? it.toString() : it.text())
                                    .orElse("unknown")));
        }
        return this;
    }

    CompletableFuture<Map<String, String>> read() {
        return CompletableFuture.allOf(parts.values().toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> {
                    Map<String, String> read = new LinkedHashMap<>();
                    parts.forEach((name, part) -> read.put(name, part.join()));
                    return read;
                });
    }

    private static String text(JobState state, List<JobSnapshot> jobs) {
        return text(state, jobs.stream().map(State::text));
    }

    /** The order of active jobs is not promised. */
    static String text(JobState state, Stream<String> jobs) {
        return (state == JobState.ACTIVE ? jobs.sorted() : jobs).toList().toString();
    }

    static String text(JobSnapshot job) {
        String record = "p" + job.priority() + " " + job.failures() + "-" + job.lostLeases() + "-" + job.releases()
                + " '" + Operation.text(job.body()) + "' failure '" + Operation.text(job.failure()) + "'";
        return text(job.id(), job.state(), job.timeMillis(), job.startedMillis(), record, Operation.text(job.result()));
    }

    static String text(String id, JobState state, long time, long started, String record, String result) {
        return id + " " + state + " at " + time + " since " + started + " " + record + " result '" + result + "'";
    }

    private static String messages(List<OutboxMessage> messages) {
        return Operation.Deliver.messages(messages).toString();
    }

    private static String workflows(List<StoredWorkflow> workflows) {
        return workflows.stream()
                .map(it -> it.id() + " " + it.revision() + " " + Operation.text(it.content()) + " " + it.keepMillis()
                        + " "
                        + (it.end() == null ? "-" : Operation.text(it.end().outcome())))
                .toList()
                .toString();
    }

    private static String places(PlacePage page) {
        return page.filled() + " of " + page.places() + " "
                + page.values().stream()
                        .map(value -> value.kind() + " " + Operation.text(value.value()))
                        .toList();
    }

    static Observation inspected(Inspection seen) {
        return Observation.of(
                text(seen.job()) + " under " + seen.token() + " until " + seen.leaseEndsMillis()
                        + (seen.isPaused() ? " paused" : "") + " " + seen.waits() + " "
                        + seen.job().constraints().member(),
                seen.ahead());
    }

    /** The order of the jobs of one lease is not promised. */
    static String text(String token, long ends, Collection<String> jobs) {
        return token + " until " + ends + " " + new TreeSet<>(jobs);
    }

    private static String leases(List<LeaseSnapshot> leases) {
        return leases.stream()
                .map(lease -> text(lease.token(), lease.endsMillis(), lease.jobs()))
                .toList()
                .toString();
    }

    private static String periods(QueueHistory history) {
        return history.periods().stream()
                .filter(period -> !period.counts().isNone())
                .toList()
                .toString();
    }

    /** The order of workers is not promised. */
    private static String workers(List<WorkerSnapshot> workers) {
        return workers.stream()
                .map(it -> it.worker() + " at " + it.seenMillis() + " '" + Operation.text(it.info()) + "'")
                .sorted()
                .toList()
                .toString();
    }
}
