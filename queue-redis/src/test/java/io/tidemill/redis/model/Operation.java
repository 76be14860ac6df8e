package io.tidemill.redis.model;

import io.tidemill.broker.Broker;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CommandAnswer;
import io.tidemill.broker.Completion;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.Fill;
import io.tidemill.broker.Followers;
import io.tidemill.broker.FoundSchedules;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Note;
import io.tidemill.broker.OutboxMessage;
import io.tidemill.broker.Report;
import io.tidemill.broker.ScheduleStep;
import io.tidemill.broker.ScheduleWrite;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkerCommand;
import io.tidemill.broker.WorkflowEnd;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowMember;
import io.tidemill.broker.WorkflowWrite;
import io.tidemill.queue.HistoryCounts;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.task.JobState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One thing that happens to a queue, as plain data: it means something whatever came before it, so a sequence from
 * which some are taken out is still a sequence. Long, because it is one list.
 */
sealed interface Operation {

    /** The only queue. */
    String QUEUE = "model";

    /** Most of anything in one call. */
    int ALL = Broker.MAX_BATCH;

    /** Does it, and says what came of it. */
    CompletableFuture<Observation> on(Broker broker);

    /**
     * Does on the model what comes of a request that is sent twice, because its first reply was lost: it is done once,
     * and its second reply is read.
     */
    default CompletableFuture<Observation> twiceOn(Broker model) {
        return on(model);
    }

    /** The same with less in it, for a shorter report. */
    default List<Operation> simpler() {
        return List.of();
    }

    /** Lets time pass. */
    record Advance(long millis) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return CompletableFuture.completedFuture(Observation.of(""));
        }
    }

    /**
     * Sends a request, loses the reply and sends it again. Only for those that carry a number: the others may do more
     * the second time, as promote, or are told apart by what they hold, as claim.
     */
    record Twice(Operation operation) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return operation.on(broker);
        }

        @Override
        public CompletableFuture<Observation> twiceOn(Broker model) {
            return operation.twiceOn(model);
        }

        @Override
        public List<Operation> simpler() {
            return Stream.concat(
                            Stream.of(operation), operation.simpler().stream().<Operation>map(Twice::new))
                    .toList();
        }
    }

    /**
     * A job to store.
     *
     * @param dueIn absolute time to be due at, in ms from the beginning of the sequence; 0 for none
     * @param fires what is written of the schedule that fires by it; null if none does
     */
    record Job(
            String id,
            int priority,
            long delay,
            long dueIn,
            JobConstraints constraints,
            @Nullable Schedule fires) {

        /** The mark says that it has constraints, for whoever completes it. */
        static final String FLOWING = "+";

        NewJob toNewJob() {
            String body = "body of " + id + (constraints.isNone() ? "" : FLOWING);
            return new NewJob(
                    id,
                    bytes(body),
                    priority,
                    delay,
                    dueIn == 0 ? NewJob.NOW : Model.START + dueIn,
                    fires == null ? constraints : constraints.withStep(fires.toStep()));
        }
    }

    /**
     * What is written of a schedule.
     *
     * @param expected the revision that it must have; empty for none
     * @param fireIn when it fires, in ms from the beginning of the sequence; negative for never
     */
    record Schedule(String name, String expected, String revision, long fireIn) {

        StoredSchedule toStored() {
            long at = fireIn < 0 ? StoredSchedule.NEVER : Model.START + fireIn;
            return new StoredSchedule(name, revision, at, bytes("content of " + revision));
        }

        ScheduleStep toStep() {
            return new ScheduleStep(expected, toStored());
        }

        static String text(StoredSchedule schedule) {
            return schedule.name() + " " + schedule.revision() + " " + schedule.fireAtMillis() + " "
                    + Operation.text(schedule.content());
        }
    }

    record WriteSchedule(Schedule schedule) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            String expected = schedule.expected().isEmpty() ? null : schedule.expected();
            if (schedule.revision().hashCode() % 2 != 0) {
                return broker.schedules()
                        .write(QUEUE, Optional.ofNullable(expected), schedule.toStored())
                        .thenApply(Observation::of);
            }
            ScheduleWrite write = new ScheduleWrite(expected, schedule.toStored());
            return broker.schedules()
                    .write(QUEUE, List.of(write, write))
                    .thenCompose(written -> broker.schedules()
                            .find(QUEUE, List.of("none", schedule.name()))
                            .thenApply(found -> observation(written, found)));
        }

        private static Observation observation(List<Boolean> written, FoundSchedules found) {
            return Observation.of(written + " "
                    + found.schedules().stream().map(Schedule::text).toList() + " of " + found.looked() + " at "
                    + found.nowMillis());
        }
    }

    record RemoveSchedule(String name, String expected) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.schedules().remove(QUEUE, name, expected).thenApply(Observation::of);
        }
    }

    record TakeSchedules(int limit, long hold) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.schedules()
                    .take(QUEUE, limit, hold, hold % 3 == 0 ? Set.of("s1") : Set.of())
                    .thenApply(due -> Observation.of(
                            due.schedules().stream().map(Schedule::text).toList() + " at " + due.nowMillis() + " next "
                                    + due.nextAtMillis()));
        }
    }

    record Enqueue(List<Job> jobs) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.enqueue(QUEUE, jobs.stream().map(Job::toNewJob).toList())
                    // Each broker gives its own.
                    .thenApply(replies -> replies.stream()
                            .map(reply -> reply instanceof EnqueueReply.Accepted accepted
                                    ? new EnqueueReply.Accepted(accepted.replaced())
                                    : reply)
                            .toList())
                    .thenApply(Observation::of);
        }

        @Override
        public List<Operation> simpler() {
            return withoutOne(jobs, Enqueue::new);
        }
    }

    record Claim(String worker, String token, int limit, long lease) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return claimed(broker, broker.claim(QUEUE, request()));
        }

        ClaimRequest request() {
            return new ClaimRequest(worker, token, limit, lease);
        }

        /**
         * A claim ends the late jobs that it comes across, and which those are is its own affair; so the rest is swept.
         * Only once it is answered: claims and sweeps have connections of their own, so a sweep that is sent beside a
         * claim may end delayed jobs before the claim promotes them, and their groups then take their turns later.
         */
        static CompletableFuture<Observation> claimed(Broker broker, CompletableFuture<ClaimReply> reply) {
            return reply.thenCompose(claimed -> broker.sweeps()
                    .expire(QUEUE, ALL)
                    .thenApply(swept -> new Observation(jobs(claimed), claimed.moreInMillis(), ended(claimed, swept))));
        }

        private static String jobs(ClaimReply claimed) {
            return claimed.claims().stream()
                    .map(it -> it.id() + "/" + it.token() + " '" + text(it.body()) + "' p" + it.priority() + " "
                            + it.failures() + "-" + it.lostLeases() + "-" + it.releases()
                            + (it.notes().number() == 0
                                    ? ""
                                    : " noted " + it.notes().number() + " '"
                                            + text(it.notes().bytes()) + "'"))
                    .toList()
                    .toString();
        }

        private static List<String> ended(ClaimReply claimed, List<JobBrief> swept) {
            Set<String> ended = new TreeSet<>(briefs(claimed.expired()));
            ended.addAll(briefs(swept));
            return List.copyOf(ended);
        }
    }

    /** What a run notes. */
    record Noted(String id, String token, long number, int stays, String text) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.notes()
                    .note(QUEUE, new Note(id, token, number, stays, bytes(text)))
                    .thenApply(Observation::of);
        }
    }

    /** What a run reports; it is kept longer than any sequence takes. */
    record Reported(String id, String token, long created, long number, String text) implements Operation {
        private static final long KEPT_MILLIS = 3_000L * 86_400_000;

        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.progress()
                    .report(QUEUE, new Report(id, token, created, number, KEPT_MILLIS, bytes(text)))
                    .thenApply(Observation::of);
        }
    }

    /** What was reported of a job. */
    record Progressed(String id) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.progress().progress(QUEUE, id).thenApply(known -> Observation.of(known.map(Operation::text)));
        }
    }

    /** A run that succeeded. */
    record Run(
            String id,
            String token,
            boolean hasConstraints,
            @Nullable String result,
            long ttl,
            Completion.@Nullable Keep keep) {
        Completion.Succeeded toCompletion() {
            byte[] bytes = result == null ? null : bytes(result);
            return new Completion.Succeeded(id, token, bytes, ttl, hasConstraints ? "constrained" : null, keep);
        }

        Run knowing(boolean constraints) {
            return new Run(id, token, constraints, result, ttl, keep);
        }
    }

    record Complete(List<Run> runs, @Nullable Claim next) implements Operation {

        /** The same as a worker tells it, who knows from the claim which jobs have constraints. */
        Complete knowing(Predicate<String> hasConstraints) {
            return new Complete(
                    runs.stream()
                            .map(run -> run.knowing(hasConstraints.test(run.id())))
                            .toList(),
                    next);
        }

        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            var reply = broker.complete(
                    QUEUE, runs.stream().map(Run::toCompletion).toList(), next == null ? null : next.request());
            var settled = reply.thenApply(it -> it.settled().toString());
            return next == null
                    ? settled.thenApply(Observation::of)
                    : Claim.claimed(broker, reply.thenApply(it -> it.claimed()))
                            .thenCombine(settled, Observation::after);
        }

        @Override
        public CompletableFuture<Observation> twiceOn(Broker model) {
            if (next == null) {
                return on(model);
            }
            var settled = model.complete(
                            QUEUE, runs.stream().map(Run::toCompletion).toList(), next.request())
                    .thenApply(it -> it.settled().toString());
            return next.on(model).thenCombine(settled, Observation::after);
        }

        @Override
        public List<Operation> simpler() {
            List<Operation> simpler = withoutOne(runs, some -> new Complete(some, next));
            if (next != null) {
                simpler.add(new Complete(runs, null));
            }
            return simpler;
        }
    }

    enum Kind {
        RETRY,
        DEAD,
        CANCELLED
    }

    /** A run that did not succeed. */
    record Failed(Kind kind, String id, String token, long delay) {
        Completion.Failed toCompletion() {
            return switch (kind) {
                case RETRY -> new Completion.Retry(id, token, delay, bytes("failure of " + id));
                case DEAD -> new Completion.Dead(id, token, bytes("death of " + id));
                case CANCELLED -> new Completion.Cancelled(id, token);
            };
        }
    }

    record Fail(List<Failed> runs) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.fail(QUEUE, runs.stream().map(Failed::toCompletion).toList())
                    .thenApply(Observation::of);
        }

        @Override
        public List<Operation> simpler() {
            return withoutOne(runs, Fail::new);
        }
    }

    record Release(List<Completion.Release> runs) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.release(QUEUE, runs).thenApply(Observation::of);
        }

        @Override
        public List<Operation> simpler() {
            return withoutOne(runs, Release::new);
        }
    }

    record Extend(List<String> tokens, long lease) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.leases()
                    .extend(QUEUE, tokens, lease)
                    .thenApply(replies ->
                            Observation.of(replies.stream().map(Extend::text).toList()));
        }

        private static String text(ExtendReply reply) {
            return reply.alive() + " " + new TreeSet<>(reply.cancelled());
        }

        @Override
        public List<Operation> simpler() {
            return withoutOne(tokens, some -> new Extend(some, lease));
        }
    }

    record Promote(int limit) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.sweeps().promote(QUEUE, limit).thenApply(Observation::of);
        }
    }

    record Recover(int limit, int maxLostLeases) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.sweeps()
                    .recover(QUEUE, limit, maxLostLeases, bytes("lease ended"))
                    .thenApply(reply -> Observation.of(
                            briefs(reply.recovered()) + " dead " + briefs(reply.dead()) + " more " + reply.more()));
        }
    }

    record Expire(int limit) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.sweeps().expire(QUEUE, limit).thenApply(late -> Observation.of(briefs(late)));
        }
    }

    record Cancel(String id) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.cancellation().cancel(QUEUE, id).thenApply(Observation::of);
        }
    }

    record Find(String id, boolean awaits) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.lookUp()
                    .find(QUEUE, id, awaits)
                    .thenApply(found -> Observation.of(found.map(State::text).orElse("unknown")));
        }
    }

    /** Turns the pages of one state: together they are the whole list, whatever stands on each. */
    record Pages(JobState state, int size) implements Operation {

        /** More than there ever are. */
        private static final int END = 40;

        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            CompletableFuture<List<String>> ids = CompletableFuture.completedFuture(List.of());
            for (int offset = 0; offset < END; offset += size) {
                ids = ids.thenCombine(
                        broker.lists().list(QUEUE, state, offset, size),
                        (before, page) -> Stream.concat(
                                        before.stream(), page.stream().map(JobSnapshot::id))
                                .toList());
            }
            return ids.thenApply(all -> Observation.of(state == JobState.ACTIVE ? new TreeSet<>(all) : all));
        }
    }

    record Pause() implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.operations().pause(QUEUE).thenApply(Observation::of);
        }
    }

    record Resume() implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.operations().resume(QUEUE).thenApply(Observation::of);
        }
    }

    /** Another time, and perhaps another body; whether it has constraints does not change. */
    record Reschedule(String id, long delay, boolean hasBody) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.lookUp().find(QUEUE, id, false).thenCompose(found -> {
                boolean isFlowing = found.map(JobSnapshot::body)
                        .map(body -> text(body).endsWith(Job.FLOWING))
                        .orElse(false);
                var wanted = io.tidemill.broker.Reschedule.after(id, delay);
                return broker.operations()
                        .reschedule(
                                QUEUE,
                                hasBody
                                        ? wanted.withBody(bytes("changed " + id + (isFlowing ? Job.FLOWING : "")))
                                        : wanted)
                        .thenApply(Observation::of);
            });
        }
    }

    record Redrive(List<io.tidemill.broker.Redrive> jobs) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.operations().redrive(QUEUE, jobs).thenApply(Observation::of);
        }

        @Override
        public List<Operation> simpler() {
            return withoutOne(jobs, Redrive::new);
        }
    }

    record Delete(String id) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.operations().delete(QUEUE, id).thenApply(Observation::of);
        }
    }

    record Purge(JobState state, int limit) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.operations().purge(QUEUE, state, limit).thenApply(Observation::of);
        }
    }

    record Trim(long keep, long maxAge, int limit) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.sweeps().trim(QUEUE, keep, maxAge, limit).thenApply(Observation::of);
        }
    }

    record Inspect(String id) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.operations()
                    .inspect(QUEUE, id)
                    .thenApply(found -> found.map(State::inspected).orElse(Observation.of("unknown")));
        }
    }

    record Limit(LimitScope scope, @Nullable Limits limits) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.limits().limit(QUEUE, scope, limits).thenApply(Observation::of);
        }
    }

    record Register(String worker, long ttl) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.operations()
                    .register(QUEUE, worker, bytes("about " + worker), ttl)
                    .thenApply(Observation::of);
        }
    }

    /**
     * A job of a workflow.
     *
     * @param constraints a group, and a time to expire
     */
    record Step(String id, int priority, long delay, JobConstraints constraints, int places, String workflow) {

        static WorkflowMember member(String workflow) {
            return new WorkflowMember(workflow, workflow.equals("f1") ? QUEUE : "elsewhere", 3);
        }

        WorkflowJob toJob() {
            NewJob job = new NewJob(
                    id, bytes("body of " + id + Job.FLOWING), priority, delay, NewJob.NOW, constraints, false);
            return new WorkflowJob(job, member(workflow), places);
        }
    }

    /** A write of the record of a workflow. */
    record Flow(@Nullable String expected, String workflow, String revision, long keep, boolean isFinal) {

        WorkflowWrite toWrite() {
            return new WorkflowWrite(
                    expected, new StoredWorkflow(workflow, revision, bytes("content of " + revision), keep), isFinal);
        }
    }

    record Store(@Nullable Flow write, List<Step> jobs) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.workflows()
                    .store(
                            QUEUE,
                            write == null ? null : write.toWrite(),
                            jobs.stream().map(Step::toJob).toList())
                    .thenApply(Observation::of);
        }

        @Override
        public List<Operation> simpler() {
            return withoutOne(jobs, some -> new Store(write, some));
        }
    }

    /** A value of a place, null to skip it; of place -1 how many there are. */
    record Given(
            String queue, String job, int place, @Nullable String value) {

        Fill toFill() {
            return value == null ? Fill.skipped(queue, job, place) : new Fill(queue, job, place, bytes(value));
        }
    }

    record FillPlaces(List<Given> fills) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.workflows()
                    .fill(QUEUE, fills.stream().map(Given::toFill).toList())
                    .thenApply(Observation::of);
        }

        @Override
        public List<Operation> simpler() {
            return withoutOne(fills, FillPlaces::new);
        }
    }

    /** A run that succeeded and what follows it; an outcome ends its workflow. */
    record Followed(
            Run run,
            List<Step> jobs,
            List<Given> fills,
            @Nullable String outcome,
            long keep) {

        Completion.Succeeded toCompletion() {
            return run.toCompletion()
                    .following(new Followers(
                            jobs.stream().map(Step::toJob).toList(),
                            fills.stream().map(Given::toFill).toList(),
                            outcome == null ? null : new WorkflowEnd(bytes(outcome), keep)));
        }
    }

    record Follow(List<Followed> runs) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.complete(
                            QUEUE, runs.stream().map(Followed::toCompletion).toList(), null)
                    .thenApply(reply -> Observation.of(reply.settled()));
        }

        @Override
        public List<Operation> simpler() {
            return withoutOne(runs, Follow::new);
        }
    }

    /**
     * Reads all messages and forgets some of them. In which order a claim ends the late jobs that it comes across is
     * its own affair, and so is then the order of the messages: they are compared without it.
     */
    record Deliver(int limit) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.workflows().outbox(QUEUE, ALL).thenCompose(messages -> {
                List<Long> numbers = messages.stream()
                        .sorted(Comparator.comparing(Deliver::text))
                        .map(OutboxMessage::number)
                        .limit(limit)
                        .toList();
                CompletableFuture<Void> done = numbers.isEmpty()
                        ? CompletableFuture.completedFuture(null)
                        : broker.workflows().delivered(QUEUE, numbers);
                return done.thenApply(nothing -> Observation.of(messages(messages)));
            });
        }

        static List<String> messages(List<OutboxMessage> messages) {
            return messages.stream().map(Deliver::text).sorted().toList();
        }

        private static String text(OutboxMessage message) {
            return message.match(
                    filling -> filling.fill().queue() + "/" + filling.fill().job() + "/"
                            + filling.fill().place() + "="
                            + Operation.text(filling.fill().value()),
                    ended -> ended.job() + " " + ended.end() + " " + ended.member(),
                    ending ->
                            ending.member() + " " + Operation.text(ending.end().outcome()) + " "
                                    + ending.end().keepMillis());
        }
    }

    record StopFlow(String workflow, long millis) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.workflows().stop(QUEUE, workflow, millis).thenApply(done -> Observation.of(""));
        }
    }

    record EndFlow(String workflow, String outcome, long keep) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.workflows()
                    .end(QUEUE, workflow, new WorkflowEnd(bytes(outcome), keep))
                    .thenApply(done -> Observation.of(""));
        }
    }

    /** What an operator asks of a worker. */
    record Asked(String worker, String id, long ttl) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.commands()
                    .command(QUEUE, new WorkerCommand(id, worker, ttl, bytes("asks " + id)))
                    .thenApply(Observation::of);
        }
    }

    /** A worker answers a command, which may wait or not, and takes those that wait. */
    record Obey(String worker, String answered) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.commands()
                    .obey(QUEUE, worker, List.of(new CommandAnswer(answered, bytes(worker + " says " + answered))))
                    .thenApply(waiting -> Observation.of(waiting.stream()
                            .map(each -> each.id() + " " + each.leftMillis() + " " + text(each.body()))
                            .toList()));
        }
    }

    /** What was answered to a command. */
    record Answered(String id) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            return broker.commands().answer(QUEUE, id).thenApply(known -> Observation.of(known.map(Operation::text)));
        }
    }

    record Add(int enqueued, int failed, long ranMillis) implements Operation {
        @Override
        public CompletableFuture<Observation> on(Broker broker) {
            HistoryCounts counts = HistoryCounts.of(Map.of(
                    HistoryCounts.Count.ENQUEUED, (long) enqueued,
                    HistoryCounts.Count.FAILED, (long) failed,
                    HistoryCounts.Count.RUN_MILLIS, ranMillis));
            return broker.history().add(QUEUE, counts).thenApply(Observation::of);
        }
    }

    /** One text per job, as a list is compared and read. */
    static List<String> briefs(List<JobBrief> jobs) {
        return jobs.stream()
                .map(job -> job.id() + " '" + text(job.beginning()) + "' " + job.failures() + "-" + job.lostLeases()
                        + "-" + job.releases())
                .toList();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte @Nullable [] bytes) {
        return bytes == null ? "-" : new String(bytes, StandardCharsets.UTF_8);
    }

    private static <T> List<Operation> withoutOne(List<T> all, Function<List<T>, Operation> make) {
        List<Operation> simpler = new ArrayList<>();
        for (int i = 0; all.size() > 1 && i < all.size(); i++) {
            List<T> some = new ArrayList<>(all);
            some.remove(i);
            simpler.add(make.apply(List.copyOf(some)));
        }
        return simpler;
    }
}
