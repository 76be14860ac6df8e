package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.Cancellation;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.Leases;
import io.tidemill.broker.LimitStore;
import io.tidemill.broker.Lists;
import io.tidemill.broker.LookUp;
import io.tidemill.broker.Operations;
import io.tidemill.broker.ScheduleStore;
import io.tidemill.broker.Subscription;
import io.tidemill.broker.Sweeps;
import io.tidemill.broker.WorkflowStore;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.JobState;
import io.tidemill.text.JobIds;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.opentest4j.TestAbortedException;

/**
 * The broker that a contract tests: opened before each test, checked and closed behind it. What the broker cannot do is
 * asked for by ability, and skips the test.
 *
 * <p>The check goes through the port: every job is in exactly one place, and none is lost.
 */
public abstract class BrokerUnderTest {

    private static final long PATIENCE_SECONDS = 60;

    private static final JobIds IDS = new JobIds(Clock.system()::millis);

    /** A queue that no other test uses. */
    protected final String queue = "contract-" + IDS.next();

    final Set<String> known = ConcurrentHashMap.newKeySet();

    private final List<Broker> others = new CopyOnWriteArrayList<>();

    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

    private Broker broker;

    /** A broker that is not open yet. */
    protected abstract Broker newBroker();

    /** Lets at least so much of the broker's time pass. */
    protected abstract void advance(Duration duration);

    /**
     * A second broker object on the store of the given one, as another process has: not open yet. One broker object is
     * one caller; tests of concurrency use one object per thread.
     *
     * <p>A broker that lives in one process returns the same.
     */
    protected Broker another(Broker broker) {
        return broker;
    }

    /** Longest real time to wait for a message that should come. */
    protected Duration patience() {
        return Duration.ofSeconds(15);
    }

    /** Where the broker's own structures hold each job, if the subclass can see them: each must be in one place. */
    protected Optional<Map<String, Set<JobState>>> dump(String queue) {
        return Optional.empty();
    }

    /** What else must be true after every test; a subclass adds a check of the broker's own structures. */
    protected void checkInvariants(String queue) {}

    protected final Broker broker() {
        return broker;
    }

    /** {@link #another} one, open, and closed after the test. */
    protected final Broker another() {
        Broker other = another(broker);
        if (other != broker) {
            other.open();
            others.add(other);
        }
        return other;
    }

    @BeforeEach
    final void openBroker() {
        broker = newBroker();
        broker.open();
    }

    @AfterEach
    final void checkAndClose() {
        try {
            if (has(Ability.LISTS) && has(Ability.LOOK_UP)) {
                checkPlaces();
            }
            checkInvariants(queue);
        } finally {
            subscriptions.forEach(Subscription::close);
            others.forEach(Broker::close);
            broker.close();
        }
    }

    /** Skips the test unless the broker has this ability. */
    protected final void need(Ability ability) {
        Assumptions.assumeTrue(
                has(ability), () -> broker.name() + " has no ability " + ability + ": " + ability.meaning());
    }

    private boolean has(Ability ability) {
        return broker.abilities().contains(ability);
    }

    protected final Leases leases() {
        need(Ability.LEASES);
        return broker.leases();
    }

    protected final Sweeps sweeps() {
        need(Ability.SWEEPS);
        return broker.sweeps();
    }

    protected final LookUp lookUp() {
        need(Ability.LOOK_UP);
        return broker.lookUp();
    }

    protected final Cancellation cancellation() {
        need(Ability.CANCEL);
        return broker.cancellation();
    }

    protected final Lists lists() {
        need(Ability.LISTS);
        return broker.lists();
    }

    protected final LimitStore limits() {
        need(Ability.LIMITS);
        return broker.limits();
    }

    protected final Operations operations() {
        need(Ability.OPERATIONS);
        return broker.operations();
    }

    protected final ScheduleStore schedules() {
        need(Ability.SCHEDULES);
        return broker.schedules();
    }

    protected final WorkflowStore workflows() {
        need(Ability.WORKFLOWS);
        return broker.workflows();
    }

    /** The answer, waited for. */
    protected static <V> V get(CompletableFuture<V> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError("the broker failed", e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("no answer within " + PATIENCE_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** A new id, greater than all before. */
    protected static String newId() {
        return IDS.next();
    }

    protected final QueueCounts counts() {
        return get(lists().counts(queue));
    }

    protected final List<JobSnapshot> list(JobState state) {
        List<JobSnapshot> all = new ArrayList<>();
        List<JobSnapshot> page;
        do {
            page = get(lists().list(queue, state, all.size(), Broker.MAX_BATCH));
            all.addAll(page);
        } while (page.size() == Broker.MAX_BATCH);
        return all;
    }

    /** Listens to the queue until the test is over. */
    protected final void listen(@Nullable String worker, BrokerListener listener) {
        listenTo(worker, Set.of(queue), listener);
    }

    protected final void listenTo(@Nullable String worker, Set<String> queues, BrokerListener listener) {
        subscriptions.add(broker.listen(worker, queues, listener));
    }

    /** Runs the same work on this many threads that start together, and returns the result of each. */
    protected static <V> List<V> together(int threads, Callable<V> work) {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            CyclicBarrier start = new CyclicBarrier(threads);
            List<Future<V>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                futures.add(pool.submit(() -> {
                    start.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    return work.call();
                }));
            }
            List<V> results = new ArrayList<>();
            for (Future<V> future : futures) {
                results.add(future.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
            }
            return results;
        } catch (ExecutionException | TimeoutException e) {
            if (e.getCause() instanceof TestAbortedException skipped) {
                throw skipped;
            }
            throw new AssertionError("a thread failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } finally {
            pool.shutdownNow();
        }
    }

    private void checkPlaces() {
        Map<String, JobState> places = new HashMap<>();
        Map<JobState, Long> sizes = new HashMap<>();
        for (JobState state :
                List.of(JobState.READY, JobState.SCHEDULED, JobState.WAITING, JobState.ACTIVE, JobState.DEAD)) {
            List<JobSnapshot> jobs = list(state);
            sizes.put(state, (long) jobs.size());
            for (JobSnapshot job : jobs) {
                assertThat(job.state())
                        .as("state of %s in the list of %s", job.id(), state)
                        .isEqualTo(state);
                JobState before = places.put(job.id(), state);
                assertThat(before)
                        .as("job %s is listed as %s and as", job.id(), state)
                        .isNull();
            }
        }
        assertThat(known).as("jobs that are listed were stored").containsAll(places.keySet());
        checkFind(places);
        checkCounts(sizes);
        dump(queue).ifPresent(BrokerUnderTest::checkDump);
    }

    private void checkFind(Map<String, JobState> places) {
        Map<String, CompletableFuture<Optional<JobSnapshot>>> answers = new HashMap<>();
        known.forEach(id -> answers.put(id, broker.lookUp().find(queue, id, false)));
        answers.forEach((id, answer) -> {
            JobState found = get(answer).map(JobSnapshot::state).orElse(null);
            JobState listed = places.get(id);
            if (listed != null) {
                assertThat(found)
                        .as("state of %s by find, listed as %s", id, listed)
                        .isEqualTo(listed);
            } else if (found != null) {
                assertThat(found)
                        .as("state of %s by find, listed nowhere", id)
                        .isIn(JobState.SUCCEEDED, JobState.CANCELLED, JobState.EXPIRED);
            }
        });
    }

    private void checkCounts(Map<JobState, Long> sizes) {
        QueueCounts counts = counts();
        assertThat(counts.ready()).as("ready, counted").isEqualTo(sizes.get(JobState.READY));
        assertThat(counts.scheduled()).as("scheduled, counted").isEqualTo(sizes.get(JobState.SCHEDULED));
        assertThat(counts.waiting()).as("waiting, counted").isEqualTo(sizes.get(JobState.WAITING));
        assertThat(counts.active()).as("active, counted").isEqualTo(sizes.get(JobState.ACTIVE));
        assertThat(counts.dead()).as("dead, counted").isEqualTo(sizes.get(JobState.DEAD));
        assertThat(counts.ready()
                        + counts.scheduled()
                        + counts.waiting()
                        + counts.active()
                        + counts.dead()
                        + counts.succeeded()
                        + counts.cancelled()
                        + counts.expired()
                        + counts.removed())
                .as("no job came from nowhere and none got lost: %s", counts)
                .isEqualTo(counts.accepted());
    }

    private static void checkDump(Map<String, Set<JobState>> places) {
        places.forEach((id, states) -> assertThat(states).as("places of %s", id).hasSize(1));
    }
}
