package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CommandAnswer;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.DueSchedules;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.Fill;
import io.tidemill.broker.Followers;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobScan;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Note;
import io.tidemill.broker.RecoverReply;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.Report;
import io.tidemill.broker.Reschedule;
import io.tidemill.broker.ScheduleStep;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.Subscription;
import io.tidemill.broker.WorkerCommand;
import io.tidemill.broker.WorkflowEnd;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowMember;
import io.tidemill.broker.WorkflowWrite;
import io.tidemill.conformance.fault.Fault;
import io.tidemill.conformance.fault.FaultPlan;
import io.tidemill.conformance.fault.FaultProxy;
import io.tidemill.queue.HistoryCounts;
import io.tidemill.queue.HistoryRange;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueHistory;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptNames;
import io.tidemill.task.JobState;
import io.tidemill.test.Waits;
import io.tidemill.test.redis.RedisServer;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * For each script: Redis executes it and the answer never comes. The broker asks again; the caller gets the answer that
 * it would have got, and the queue is as after one execution. Long, because it is one list of all scripts.
 */
@Tag(Thorough.TAG)
class LostReplyIT {

    private static final byte[] BYTES = "some bytes".getBytes(StandardCharsets.US_ASCII);
    private static final long LONG = 600_000;
    private static final long SOME_TIME = 1_700_000_000_000L;
    private static final Duration TIMEOUT = Duration.ofMillis(60);
    private static final Duration SOON = Duration.ofMillis(50);

    private static RedisServer server;
    private static RedisProbe probe;
    private static RedisBroker direct;
    private static FaultProxy proxy;
    private static RedisBroker patient;
    private static RedisBroker impatient;
    private static int queues;

    /** One call of a hop. */
    private interface Act {
        CompletableFuture<?> on(Broker broker, String queue);
    }

    /**
     * A call of each script. Only the doctor sends CHECK: it reads, on a connection of its own, and is run again by
     * whoever ran it.
     */
    private static final Map<Script, Act> ACTS = new TreeMap<>(Map.ofEntries(
            Map.entry(
                    Script.ENQUEUE,
                    (broker, queue) -> broker.enqueue(
                            queue,
                            List.of(job("new"), job("ready1"), job("later").after(LONG)))),
            Map.entry(Script.CLAIM, (broker, queue) -> broker.claim(queue, claim("w:1", 2, LONG))),
            Map.entry(
                    Script.COMPLETE,
                    (broker, queue) -> broker.complete(
                            queue,
                            List.of(
                                    new Completion.Succeeded("held1", "held", BYTES, LONG),
                                    new Completion.Succeeded("held2", "held", null, 0),
                                    new Completion.Succeeded("gone", "no such lease", null, 0)),
                            claim("w:1", 2, LONG))),
            Map.entry(
                    Script.FAIL,
                    (broker, queue) -> broker.fail(
                            queue,
                            List.of(
                                    new Completion.Retry("held1", "held", LONG, BYTES),
                                    new Completion.Dead("held2", "held", BYTES)))),
            Map.entry(
                    Script.RELEASE,
                    (broker, queue) -> broker.release(
                            queue,
                            List.of(
                                    new Completion.Release("held1", "held", 0),
                                    new Completion.Release("held2", "held", LONG)))),
            Map.entry(
                    Script.EXTEND, (broker, queue) -> broker.leases().extend(queue, List.of("held", "none"), 2 * LONG)),
            Map.entry(Script.PROMOTE, (broker, queue) -> broker.sweeps().promote(queue, 100)),
            Map.entry(Script.RECOVER, (broker, queue) -> broker.sweeps().recover(queue, 100, 3, BYTES)),
            Map.entry(Script.EXPIRE, (broker, queue) -> broker.sweeps().expire(queue, 100)),
            Map.entry(Script.CANCEL, (broker, queue) -> broker.cancellation().cancel(queue, "ready1")),
            Map.entry(Script.FIND, (broker, queue) -> broker.lookUp().find(queue, "held1", true)),
            Map.entry(Script.COUNTS, (broker, queue) -> broker.lists().counts(queue)),
            Map.entry(Script.LIST, (broker, queue) -> broker.lists().list(queue, JobState.READY, 0, 10)),
            Map.entry(
                    Script.SCAN,
                    (broker, queue) -> broker.lists()
                            .scan(queue, null, 1000)
                            .thenApply(step -> step.jobs().stream()
                                    .map(JobScan.Stored::id)
                                    .sorted()
                                    .toList())),
            Map.entry(
                    Script.LIMIT,
                    (broker, queue) ->
                            broker.limits().limit(queue, LimitScope.QUEUE, Limits.of(List.of(Limit.concurrency(5))))),
            Map.entry(Script.LIMITS, (broker, queue) -> broker.limits().limits(queue)),
            Map.entry(Script.PAUSE, (broker, queue) -> broker.operations().pause(queue)),
            Map.entry(
                    Script.REDRIVE,
                    (broker, queue) ->
                            broker.operations().redrive(queue, List.of(Redrive.now("dead1"), Redrive.now("ready1")))),
            Map.entry(
                    Script.RESCHEDULE,
                    (broker, queue) -> broker.operations().reschedule(queue, Reschedule.after("later", 2 * LONG))),
            Map.entry(Script.SURVEY, (broker, queue) -> broker.sweeps().survey(List.of(queue))),
            Map.entry(Script.DELETE, (broker, queue) -> broker.operations().delete(queue, "dead1")),
            Map.entry(Script.PURGE, (broker, queue) -> broker.operations().purge(queue, JobState.DEAD, 1)),
            Map.entry(Script.ERASE, (broker, queue) -> {
                for (JobState state : List.of(JobState.READY, JobState.SCHEDULED, JobState.DEAD)) {
                    direct.operations().purge(queue, state, 100).join();
                }
                direct.schedules().remove(queue, "fires", "r1").join();
                direct.schedules().remove(queue, "later", "r1").join();
                return broker.operations().erase(queue, true);
            }),
            Map.entry(Script.TRIM, (broker, queue) -> broker.sweeps().trim(queue, 1, LONG, 10)),
            Map.entry(Script.INSPECT, (broker, queue) -> broker.operations().inspect(queue, "ready2")),
            Map.entry(Script.LEASES, (broker, queue) -> broker.operations().leases(queue, 10)),
            Map.entry(
                    Script.QUEUES,
                    (broker, queue) -> broker.operations().queues().thenApply(all -> all.contains(queue))),
            Map.entry(Script.REGISTER, (broker, queue) -> broker.operations().register(queue, "w", BYTES, LONG)),
            Map.entry(Script.WORKERS, (broker, queue) -> broker.operations().workers(queue)),
            Map.entry(Script.TAKE, (broker, queue) -> broker.schedules().take(queue, 10, 60_000)),
            Map.entry(
                    Script.SCHEDULE,
                    (broker, queue) ->
                            broker.schedules().write(queue, Optional.of("r1"), schedule("fires", "r2", LONG))),
            Map.entry(Script.UNSCHEDULE, (broker, queue) -> broker.schedules().remove(queue, "fires", "r1")),
            Map.entry(Script.SCHEDULES, (broker, queue) -> broker.schedules().list(queue, 0, 10)),
            Map.entry(
                    Script.PLANNED,
                    (broker, queue) -> broker.schedules().queues().thenApply(all -> all.contains(queue))),
            Map.entry(
                    Script.ADD,
                    (broker, queue) -> broker.history()
                            .add(queue, HistoryCounts.of(Map.of(HistoryCounts.Count.SUCCEEDED, 3L)))
                            .thenCompose(added -> direct.history().history(queue, HistoryRange.MONTH))
                            .thenApply(QueueHistory::total)),
            Map.entry(
                    Script.NOTE, (broker, queue) -> broker.notes().note(queue, new Note("held1", "held", 1, 0, BYTES))),
            Map.entry(
                    Script.REPORT,
                    (broker, queue) ->
                            broker.progress().report(queue, new Report("held1", "held", 1, 1, 60_000, BYTES))),
            Map.entry(
                    Script.COMMAND,
                    (broker, queue) -> broker.commands().command(queue, new WorkerCommand("c2", "w", LONG, BYTES))),
            Map.entry(
                    Script.OBEY,
                    (broker, queue) -> broker.commands()
                            .obey(queue, "w", List.of(new CommandAnswer("c1", BYTES)))
                            .thenApply(List::size)),
            Map.entry(
                    Script.ANSWER,
                    (broker, queue) -> broker.commands().answer(queue, "c0").thenApply(Optional::isPresent)),
            Map.entry(
                    Script.PROGRESS,
                    (broker, queue) ->
                            broker.progress().progress(queue, "held1").thenApply(Optional::isPresent)),
            Map.entry(
                    Script.STORE,
                    (broker, queue) -> broker.workflows()
                            .store(
                                    queue,
                                    new WorkflowWrite(null, new StoredWorkflow("flow", "r1", BYTES, 0)),
                                    List.of(step(queue, "one", 0), step(queue, "waits", 2), step(queue, "ready1", 0)))),
            Map.entry(Script.FOLLOW, (broker, queue) -> {
                direct.workflows()
                        .store(queue, null, List.of(usualStep(queue, "step", 0), usualStep(queue, "waits", 1)))
                        .join();
                direct.claim(queue, claim("steps", 10, LONG)).join();
                Followers followers = new Followers(
                        List.of(usualStep(queue, "next", 0)),
                        List.of(new Fill(queue, "waits", 0, BYTES), new Fill("other", "j", 0, BYTES)),
                        new WorkflowEnd(BYTES, LONG));
                Completion.Succeeded run = new Completion.Succeeded("step", "steps", BYTES, LONG, "constrained", null);
                return broker.complete(queue, List.of(run.following(followers)), claim("w:1", 2, LONG));
            }),
            Map.entry(Script.FILL, (broker, queue) -> {
                direct.workflows()
                        .store(queue, null, List.of(step(queue, "one", 1), step(queue, "two", 2)))
                        .join();
                return broker.workflows()
                        .fill(queue, List.of(new Fill(queue, "one", 0, BYTES), Fill.skipped(queue, "two", 1)));
            }),
            Map.entry(Script.PLACES, (broker, queue) -> {
                direct.workflows()
                        .store(queue, null, List.of(step(queue, "one", 1)))
                        .join();
                return broker.workflows().places(queue, "one", 0, 10);
            }),
            Map.entry(Script.OUTBOX, (broker, queue) -> {
                cancelStep(queue);
                return broker.workflows().outbox(queue, 10);
            }),
            Map.entry(Script.DELIVERED, (broker, queue) -> {
                cancelStep(queue);
                return broker.workflows().delivered(queue, List.of(1L));
            }),
            Map.entry(Script.STOP, (broker, queue) -> broker.workflows().stop(queue, "flow", LONG)),
            Map.entry(Script.END, (broker, queue) -> {
                storeFlow(queue);
                return broker.workflows().end(queue, "flow", new WorkflowEnd(BYTES, LONG));
            }),
            Map.entry(Script.WORKFLOWS, (broker, queue) -> {
                storeFlow(queue);
                return broker.workflows().find(queue, "flow", true);
            }),
            Map.entry(
                    Script.HISTORY,
                    (broker, queue) ->
                            broker.history().history(queue, HistoryRange.DAY).thenApply(QueueHistory::total))));

    /** Those that say how much there was to do say so of the second time, when it was done. */
    private static final Map<Script, Object> NOTHING_MORE = Map.of(
            Script.PROMOTE,
            0,
            Script.RECOVER,
            new RecoverReply(List.of(), List.of()),
            Script.EXPIRE,
            List.of(),
            Script.PAUSE,
            false,
            Script.TRIM,
            0,
            Script.TAKE,
            new DueSchedules(List.of(), SOME_TIME, SOME_TIME));

    /** What only looks has one fault to fear. */
    private static final Set<Script> READERS = EnumSet.of(
            Script.FIND,
            Script.COUNTS,
            Script.LIST,
            Script.SCAN,
            Script.LIMITS,
            Script.INSPECT,
            Script.LEASES,
            Script.WORKERS,
            Script.SCHEDULES,
            Script.SURVEY,
            Script.PLACES,
            Script.OUTBOX,
            Script.HISTORY,
            Script.PROGRESS,
            Script.ANSWER);

    private static WorkflowJob step(String queue, String id, int places) {
        return new WorkflowJob(NewJob.now(id, BYTES, 9), new WorkflowMember("flow", queue, 1), places);
    }

    /** One that is claimed in the completion of another. */
    private static WorkflowJob usualStep(String queue, String id, int places) {
        return new WorkflowJob(NewJob.now(id, BYTES, 4), new WorkflowMember("flow", queue, 1), places);
    }

    private static void storeFlow(String queue) {
        StoredWorkflow flow = new StoredWorkflow("flow", "r1", BYTES, 0);
        direct.workflows()
                .store(queue, new WorkflowWrite(null, flow), List.of())
                .join();
    }

    /** Leaves a message. */
    private static void cancelStep(String queue) {
        direct.workflows().store(queue, null, List.of(step(queue, "one", 1))).join();
        direct.cancellation().cancel(queue, "one").join();
    }

    private static NewJob job(String id) {
        return NewJob.now(id, BYTES, 4);
    }

    private static StoredSchedule schedule(String name, String revision, long fireAt) {
        return new StoredSchedule(name, revision, fireAt, BYTES);
    }

    private static ClaimRequest claim(String token, int limit, long leaseMillis) {
        return new ClaimRequest("w", token, limit, leaseMillis);
    }

    @BeforeAll
    static void start() {
        server = RedisServer.start();
        probe = RedisProbe.of(server);
        direct = RedisBroker.connect(server.uri());
        direct.open();
        proxy = FaultProxy.to(server.port(), ScriptNames.byDigest());
        proxy.stragglersAfter(SOON, SOON);
        patient = RedisBroker.connect(proxy.uri());
        patient.open();
        impatient = RedisBroker.connect(proxy.uri(), RedisOptions.defaults().withCommandTimeout(TIMEOUT));
        impatient.open();
    }

    @AfterAll
    static void end() {
        impatient.close();
        patient.close();
        proxy.close();
        direct.close();
        probe.close();
        server.close();
    }

    /** Fewer keys are quicker to look through. */
    @AfterEach
    void flush() {
        probe.redis().flushall();
    }

    /** In an ordinary build one of the faults that take time to happen for every second script. */
    static Stream<Arguments> scriptsAndFaults() {
        return ACTS.keySet().stream().flatMap(script -> faults(script).map(fault -> Arguments.of(script, fault)));
    }

    private static Stream<Fault> faults(Script script) {
        if (READERS.contains(script)) {
            return Stream.of(Fault.LOST_REPLY);
        }
        List<Fault> slow = List.of(Fault.SILENCE, Fault.STRAGGLER, Fault.HELD_BACK);
        return Stream.concat(
                Stream.of(Fault.LOST_REPLY),
                Thorough.isFull()
                        ? slow.stream()
                        : slow.stream()
                                .skip(script.ordinal() % (2 * slow.size()))
                                .limit(1));
    }

    @ParameterizedTest
    @MethodSource("scriptsAndFaults")
    void a_script_whose_reply_is_lost_is_answered_and_done_once(Script script, Fault fault) {
        String undisturbed = prepare();
        Object right = get(ACTS.get(script).on(direct, undisturbed));
        String disturbed = prepare();
        long before = proxy.count(script.hop(), fault);
        long sentBefore = proxy.count(script.hop(), Fault.NONE);
        proxy.plan(FaultPlan.first(script.hop(), fault));

        Object answer = get(ACTS.get(script).on(fault == Fault.SILENCE ? impatient : patient, disturbed));

        Waits.until("the fault has happened", () -> proxy.count(script.hop(), fault) - before == 1);
        boolean isExecutedAgain = fault == Fault.LOST_REPLY || fault == Fault.SILENCE;
        if (fault != Fault.STRAGGLER) {
            assertThat(proxy.count(script.hop(), Fault.NONE) - sentBefore)
                    .as("it was sent again")
                    .isGreaterThan(1);
        }
        boolean saysNothingMore = isExecutedAgain && NOTHING_MORE.containsKey(script);
        // Which of the two comes first is chance.
        boolean maySayNothingMore = fault == Fault.HELD_BACK && NOTHING_MORE.containsKey(script);
        assertThat(readable(answer, disturbed))
                .isIn(
                        readable(saysNothingMore ? NOTHING_MORE.get(script) : right, undisturbed),
                        readable(maySayNothingMore ? NOTHING_MORE.get(script) : right, undisturbed));
        assertThat(picture(disturbed)).isEqualTo(picture(undisturbed));
        probe.checkInvariants(disturbed);
    }

    /** Or else its token would hold jobs again, and a late end told under it be taken for one that was recorded. */
    @Test
    void a_claim_that_arrives_once_more_after_its_lease_has_ended_takes_nothing() {
        String queue = "lost-reply-" + ++queues;
        proxy.stragglersAfter(Duration.ofMillis(1_600), Duration.ofMillis(1_600));
        long before = proxy.count("claim", Fault.STRAGGLER);
        // The time of the server is known from its first answer on.
        get(patient.lists().counts(queue));
        get(direct.enqueue(queue, List.of(job("held"))));
        proxy.plan(FaultPlan.first("claim", Fault.STRAGGLER));
        get(patient.claim(queue, claim("w:late", 1, 1_000)));
        probe.letPass(Duration.ofMillis(1_001));
        get(direct.sweeps().recover(queue, 100, 3, BYTES));
        get(direct.claim(queue, claim("w:next", 1, LONG)));
        get(direct.enqueue(queue, List.of(job("ready"))));

        Waits.until("the claim has come again", () -> proxy.count("claim", Fault.STRAGGLER) > before);

        assertThat(get(direct.lists().counts(queue)).ready()).isOne();
        assertThat(get(patient.complete(queue, List.of(new Completion.Succeeded("held", "w:late", null, 0)), null))
                        .settled())
                .containsExactly(CompletionReply.STALE);
        proxy.stragglersAfter(SOON, SOON);
    }

    /** In an ordinary build two of the eight, which differ in each respect: each takes a second. */
    static Stream<Arguments> claimsAndWhatBecameOfThem() {
        Stream<Arguments> opposites = Stream.of(
                Arguments.of("claim", Fault.STRAGGLER, true), Arguments.of("complete", Fault.HELD_BACK, false));
        Stream<Arguments> others = Stream.of(
                Arguments.of("claim", Fault.STRAGGLER, false),
                Arguments.of("claim", Fault.HELD_BACK, true),
                Arguments.of("claim", Fault.HELD_BACK, false),
                Arguments.of("complete", Fault.STRAGGLER, true),
                Arguments.of("complete", Fault.STRAGGLER, false),
                Arguments.of("complete", Fault.HELD_BACK, true));
        return Thorough.isFull() ? Stream.concat(opposites, others) : opposites;
    }

    /** Nobody would hear of what it took: the jobs would wait for a lease to end, and be counted as crashed. */
    @ParameterizedTest
    @MethodSource("claimsAndWhatBecameOfThem")
    void a_copy_of_a_claim_that_comes_after_its_jobs_were_completed_or_it_brought_nothing_leases_nothing(
            String hop, Fault fault, boolean bringsJobs) {
        String queue = "lost-reply-" + ++queues;
        get(patient.lists().counts(queue));
        if (bringsJobs) {
            get(direct.enqueue(queue, List.of(job("first"))));
        }
        long before = proxy.count(hop, fault);
        proxy.stragglersAfter(Duration.ofSeconds(1), Duration.ofSeconds(1));
        proxy.plan(FaultPlan.first(hop, fault));
        ClaimRequest request = claim("w:1", 10, LONG);
        ClaimReply reply = hop.equals("claim")
                ? get(patient.claim(queue, request))
                : get(patient.complete(queue, List.of(), request)).claimed();
        reply.claims()
                .forEach(claim -> get(direct.complete(
                        queue, List.of(new Completion.Succeeded(claim.id(), claim.token(), null, 0)), null)));
        get(direct.enqueue(queue, List.of(job("second"))));

        Waits.until("the copy has come", () -> proxy.count(hop, fault) > before);

        assertThat(reply.claims()).hasSize(bringsJobs ? 1 : 0);
        assertThat(probe.places(queue)).isEqualTo(Map.of("second", Set.of(JobState.READY)));
        proxy.stragglersAfter(SOON, SOON);
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"LOST_REPLY", "SILENCE", "STRAGGLER", "HELD_BACK"})
    void a_schedule_that_fires_and_hears_nothing_of_it_stores_one_job_and_takes_one_step(Fault fault) {
        String queue = "lost-reply-" + ++queues;
        get(direct.schedules().write(queue, Optional.empty(), schedule("s", "r1", 1)));
        ScheduleStep step = new ScheduleStep("r1", schedule("s", "r2", 2 * SOME_TIME));
        NewJob fired = job("s@1").with(JobConstraints.NONE.withStep(step));
        long before = proxy.count("enqueue", fault);
        proxy.plan(FaultPlan.first("enqueue", fault));

        List<EnqueueReply> replies = get((fault == Fault.SILENCE ? impatient : patient).enqueue(queue, List.of(fired)));
        // A void job leaves nothing behind when it has succeeded.
        get(direct.claim(queue, claim("t", 10, LONG)));
        get(direct.complete(queue, List.of(new Completion.Succeeded("s@1", "t", null, 0)), null));
        Waits.until("the fault has happened", () -> proxy.count("enqueue", fault) > before);

        assertThat(replies).singleElement().isInstanceOf(EnqueueReply.Accepted.class);
        assertThat(get(direct.enqueue(queue, List.of(fired)))).containsExactly(new EnqueueReply.Duplicate("s@1"));
        assertThat(get(direct.lists().counts(queue)).accepted()).isOne();
        assertThat(get(direct.schedules().find(queue, "s")).orElseThrow().revision())
                .isEqualTo("r2");
        probe.checkInvariants(queue);
    }

    /** The removal of somebody else came between the two copies of the request. */
    @Test
    void a_schedule_that_was_written_and_removed_does_not_come_back_by_a_late_copy_of_its_request() {
        String queue = "lost-reply-" + ++queues;
        get(patient.schedules().nowMillis(queue));
        long before = proxy.count("schedule", Fault.STRAGGLER);
        proxy.stragglersAfter(Duration.ofSeconds(1), Duration.ofSeconds(1));
        proxy.plan(FaultPlan.first("schedule", Fault.STRAGGLER));
        boolean isWritten = get(patient.schedules().write(queue, Optional.empty(), schedule("s", "r1", LONG)));
        boolean isGone = get(direct.schedules().remove(queue, "s", "r1"));

        Waits.until("the copy has come", () -> proxy.count("schedule", Fault.STRAGGLER) > before);

        assertThat(isWritten).isTrue();
        assertThat(isGone).isTrue();
        assertThat(get(direct.schedules().find(queue, "s"))).isEmpty();
        assertThat(get(direct.schedules().count(queue))).isZero();
        proxy.stragglersAfter(SOON, SOON);
    }

    /** The first one took it out of those that wait, so nobody else wakes it. */
    @Test
    void an_enqueue_that_is_repeated_wakes_the_worker_of_this_process_that_the_first_one_found() {
        String queue = "lost-reply-" + ++queues;
        AtomicInteger woken = new AtomicInteger();
        BrokerListener listener = new BrokerListener() {
            @Override
            public void ready(String name) {
                woken.incrementAndGet();
            }

            @Override
            public void finished(String name, String id) {}

            @Override
            public void cancelRequested(String name, String id) {}
        };
        Subscription subscription = patient.listen("w", Set.of(queue), listener);
        get(patient.claim(queue, claim("w:1", 1, LONG)));
        woken.set(0);
        long before = proxy.count("enqueue", Fault.LOST_REPLY);
        proxy.plan(FaultPlan.first("enqueue", Fault.LOST_REPLY));

        get(patient.enqueue(queue, List.of(job("job"))));

        assertThat(proxy.count("enqueue", Fault.LOST_REPLY)).isEqualTo(before + 1);
        Waits.until("the worker was woken", () -> woken.get() > 0);
        subscription.close();
    }

    @Test
    void every_script_that_the_broker_sends_is_tried() {
        Set<Script> tried = EnumSet.copyOf(ACTS.keySet());
        tried.add(Script.CHECK);

        assertThat(tried).isEqualTo(EnumSet.allOf(Script.class));
    }

    /** A queue with something to do for every script. */
    private static String prepare() {
        String queue = "lost-reply-" + ++queues;
        get(direct.enqueue(queue, List.of(job("held1"), job("held2"), job("held3"))));
        get(direct.claim(queue, claim("held", 3, LONG)));
        get(direct.enqueue(queue, List.of(job("dead1"), job("dead2"))));
        get(direct.claim(queue, claim("dying", 2, LONG)));
        get(direct.fail(
                queue,
                List.of(new Completion.Dead("dead1", "dying", BYTES), new Completion.Dead("dead2", "dying", BYTES))));
        get(direct.enqueue(queue, List.of(job("crashed"))));
        get(direct.claim(queue, claim("crashed", 1, 1)));
        get(direct.enqueue(queue, List.of(job("ready1"), job("ready2"), NewJob.now("high", BYTES, 9))));
        get(direct.enqueue(queue, List.of(job("due").after(1), job("later").after(LONG))));
        get(direct.enqueue(queue, List.of(job("expired").with(new JobConstraints(null, null, 1)))));
        get(direct.operations().register(queue, "w", BYTES, LONG));
        get(direct.commands().command(queue, new WorkerCommand("c0", "w", LONG, BYTES)));
        get(direct.commands().obey(queue, "w", List.of(new CommandAnswer("c0", BYTES))));
        get(direct.commands().command(queue, new WorkerCommand("c1", "w", LONG, BYTES)));
        get(direct.schedules().write(queue, Optional.empty(), schedule("fires", "r1", 1)));
        get(direct.schedules().write(queue, Optional.empty(), schedule("later", "r1", 2 * SOME_TIME)));
        probe.letPass(Duration.ofMillis(5));
        return queue;
    }

    private static <V> V get(CompletableFuture<V> future) {
        return future.orTimeout(20, TimeUnit.SECONDS).join();
    }

    /** What the keys hold, but for times, and for what only repeated calls need. */
    private static Map<String, String> picture(String queue) {
        Map<String, String> picture = new TreeMap<>();
        probe.contents(queue).forEach((key, value) -> {
            if (!key.contains(":request:") && !key.contains(":taken:")) {
                picture.put(withoutTimes(key, queue), withoutTimes(value, queue));
            }
        });
        return picture;
    }

    /** An answer as text, records of arrays included. */
    private static String readable(Object answer, String queue) {
        // When to look again is a hint, and a repeated claim does not look for it.
        return withoutTimes(text(answer), queue).replaceAll("moreInMillis=-?\\d+", "moreInMillis=HINT");
    }

    private static String withoutTimes(String text, String queue) {
        return text.replace(queue, "QUEUE")
                // The call that is repeated cannot say how things stood when it was executed.
                .replaceAll("receipt=[^)]*", "receipt")
                .replaceAll("era=\\d{16}", "era")
                .replaceAll("(?<!\\d)(1\\.\\d+E12|1\\d{12}(\\.\\d+)?)(?!\\d)", "TIME");
    }

    private static String text(Object value) {
        if (value instanceof byte[] bytes) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
        if (value instanceof Optional<?> optional) {
            return text(optional.orElse(null));
        }
        if (value instanceof List<?> list) {
            return list.stream().map(LostReplyIT::text).collect(Collectors.joining(", ", "[", "]"));
        }
        if (value instanceof Record record) {
            return Arrays.stream(record.getClass().getRecordComponents())
                    .map(component -> component.getName() + "=" + text(read(component, record)))
                    .collect(Collectors.joining(", ", record.getClass().getSimpleName() + "(", ")"));
        }
        return String.valueOf(value);
    }

    private static Object read(RecordComponent component, Record record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
