package io.tidemill.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.RecoverReply;
import io.tidemill.broker.Survey;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.conformance.DelegatingBroker;
import io.tidemill.event.JobRef;
import io.tidemill.event.Probe;
import io.tidemill.event.QueueEvent;
import io.tidemill.observe.Observers;
import io.tidemill.task.JobState;
import io.tidemill.task.Retention;
import io.tidemill.test.FakeClock;
import io.tidemill.test.Recorder;
import io.tidemill.test.Waits;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MaintenanceTest extends MaintenanceHarness {

    @Test
    void an_outage_longer_than_the_lease_is_not_taken_for_the_death_of_every_worker() {
        maintenance.start();
        letSweep();
        Waits.until("it sweeps", () -> broker.recovers() > 0);

        broker.goAway();
        for (int i = 0; i < 20; i++) {
            letSweep();
        }
        int before = broker.recovers();
        broker.comeBack();
        letSweep();
        letSweep();
        assertThat(broker.recovers()).as("holders extend first").isEqualTo(before);

        for (int i = 0; i < 4; i++) {
            letSweep();
        }
        assertThat(broker.recovers()).isGreaterThan(before);
    }

    /** A clock that is set ahead ends every lease at once, and all jobs would run a second time. */
    @Test
    void a_broker_whose_clock_is_set_ahead_does_not_run_the_jobs_of_living_workers_again() {
        FakeClock brokers = new FakeClock();
        MemoryBroker memory = new MemoryBroker(brokers);
        List<NewJob> jobs = List.of(NewJob.now("held", new byte[0], 4), NewJob.now("lost", new byte[0], 4));
        memory.enqueue("q", jobs).join();
        memory.claim("q", new ClaimRequest("alive", "alive:1", 1, LEASE.toMillis()))
                .join();
        memory.claim("q", new ClaimRequest("dead", "dead:1", 1, LEASE.toMillis()))
                .join();
        AtomicInteger surveys = new AtomicInteger();
        DelegatingBroker counting = new DelegatingBroker(memory) {
            @Override
            public CompletableFuture<List<Survey>> survey(List<String> queues) {
                return super.survey(queues).whenComplete((found, failure) -> surveys.incrementAndGet());
            }
        };
        Maintenance other = maintenance(counting, brokers);
        other.start();
        try {
            letSweep(brokers, surveys, Duration.ofSeconds(3));
            brokers.jump(Duration.ofHours(1));
            letSweep(brokers, surveys, Duration.ofSeconds(3));
            assertThat(memory.lists().counts("q").join().active())
                    .as("holders extend first")
                    .isEqualTo(2);

            memory.leases().extend("q", List.of("alive:1"), LEASE.toMillis()).join();
            for (int i = 0; i < 4; i++) {
                letSweep(brokers, surveys, Duration.ofSeconds(3));
            }
            assertThat(memory.lists().counts("q").join().active())
                    .as("who is gone does not")
                    .isOne();
            assertThat(memory.lookUp()
                            .find("q", "held", false)
                            .join()
                            .orElseThrow()
                            .state())
                    .isEqualTo(JobState.ACTIVE);
        } finally {
            other.stop();
            memory.close();
        }
    }

    @Test
    void the_size_of_a_sweep_is_what_it_found_and_not_the_most_that_it_may_find() {
        MemoryBroker memory = new MemoryBroker(clock);
        memory.enqueue(
                        "q",
                        List.of(
                                new NewJob("a", new byte[0], 4, 1_000, NewJob.NOW),
                                new NewJob("b", new byte[0], 4, 1_000, NewJob.NOW)))
                .join();
        Map<String, Integer> found = new ConcurrentHashMap<>();
        Probe probe = new Probe() {
            @Override
            public void answered(Hop hop) {
                found.putIfAbsent(hop.name(), hop.size());
            }
        };
        Maintenance measured = maintenance(memory, clock, List.of(probe));
        measured.start();
        try {
            letSweep();
            Waits.until("it has promoted", () -> {
                clock.advance(Duration.ofSeconds(3));
                return found.containsKey("promote");
            });
        } finally {
            measured.stop();
        }

        assertThat(found).containsEntry("survey", 1).containsEntry("expire", 0).containsEntry("promote", 2);
    }

    @Test
    void a_sweep_goes_on_while_more_leases_have_ended_even_if_a_call_brought_nothing_to_tell() throws Exception {
        assertThat(recoversOfASweep(3)).isEqualTo(3);
    }

    @Test
    void a_sweep_ends_after_a_hundred_calls() throws Exception {
        assertThat(recoversOfASweep(Integer.MAX_VALUE)).isEqualTo(100);
    }

    @Test
    void what_a_sweep_ends_or_takes_back_is_told_with_its_task_and_its_true_counts() throws Exception {
        FakeClock time = new FakeClock();
        MemoryBroker store = new MemoryBroker(time);
        store.enqueue("q", List.of(job("first"), job("second"))).join();
        claimAndLeave(store, time, "token1");
        store.sweeps().recover("q", 10, 3, new byte[0]).join();
        claimAndLeave(store, time, "token2");
        claimAndLeave(store, time, "token3");
        store.enqueue("q", List.of(job("late").with(JobConstraints.NONE.withExpiresInMillis(1))))
                .join();
        time.advance(Duration.ofSeconds(1));

        Recorder told = new Recorder();
        Maintenance other = new Maintenance(
                store,
                Set.of("q"),
                LEASE,
                1,
                new Trimmer(store, time, Set.of("q"), Retention.DEFAULT, Map.of()),
                queue -> {},
                new Observers(List.of(told), List.of(), clock),
                time,
                Runnable::run);
        other.start();
        try {
            assertThat(told.await(QueueEvent.Expired.class, 1))
                    .containsExactly(new QueueEvent.Expired(JobRef.of("q", "late", "send_email")));
            assertThat(told.await(QueueEvent.Died.class, 1)).singleElement().satisfies(died -> {
                assertThat(died.job()).isEqualTo(JobRef.of("q", "first", "send_email"));
                assertThat(died.attempt()).isEqualTo(2);
                assertThat(died.run().lostLeases()).as("before its last run").isOne();
                assertThat(died.reason())
                        .startsWith("LeaseEnded: the lease on it ended more often than the limit of 1 time");
            });
            assertThat(told.await(QueueEvent.Recovered.class, 1))
                    .singleElement()
                    .satisfies(recovered -> {
                        assertThat(recovered.job()).isEqualTo(JobRef.of("q", "second", "send_email"));
                        assertThat(recovered.attempt()).isOne();
                    });
        } finally {
            other.stop();
        }
    }

    /** How often the first sweep recovers when so many calls in a row are needed. */
    private static int recoversOfASweep(int needed) throws Exception {
        AtomicInteger recovers = new AtomicInteger();
        AtomicInteger ofFirstSweep = new AtomicInteger();
        AtomicInteger promotes = new AtomicInteger();
        CountDownLatch secondSweep = new CountDownLatch(1);
        DelegatingBroker counting = new DelegatingBroker(new MemoryBroker(Clock.system())) {
            @Override
            public CompletableFuture<List<Survey>> survey(List<String> queues) {
                return CompletableFuture.completedFuture(List.of(new Survey(false, true, false)));
            }

            @Override
            public CompletableFuture<Integer> promote(String queue, int limit) {
                if (promotes.incrementAndGet() == 2) {
                    ofFirstSweep.set(recovers.get());
                    secondSweep.countDown();
                }
                return CompletableFuture.completedFuture(0);
            }

            @Override
            public CompletableFuture<RecoverReply> recover(String queue, int limit, int maxLostLeases, byte[] failure) {
                boolean more = recovers.incrementAndGet() < needed;
                return CompletableFuture.completedFuture(new RecoverReply(List.of(), List.of(), more));
            }
        };
        Maintenance other = new Maintenance(
                counting,
                Set.of("q"),
                Duration.ofSeconds(1),
                3,
                new Trimmer(counting, Clock.system(), Set.of("q"), Retention.DEFAULT, Map.of()),
                queue -> {},
                new Observers(List.of(), List.of(), Clock.system()),
                Clock.system(),
                Runnable::run);
        other.start();
        try {
            assertThat(secondSweep.await(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            other.stop();
            counting.close();
        }
        return ofFirstSweep.get();
    }
}
