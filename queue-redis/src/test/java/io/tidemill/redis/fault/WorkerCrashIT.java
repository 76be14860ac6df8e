package io.tidemill.redis.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.LeaseSnapshot;
import io.tidemill.client.Call;
import io.tidemill.client.JobFailedException;
import io.tidemill.client.JobHandle;
import io.tidemill.queue.QueueCounts;
import io.tidemill.redis.RedisBroker;
import io.tidemill.test.Waits;
import io.tidemill.test.redis.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real worker processes that are killed, frozen and crashed by their own jobs. */
class WorkerCrashIT {

    private static final Duration LEASE = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private RedisServer redis;
    private TaskQueue producer;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        producer = TaskQueue.builder().broker(RedisBroker.connect(redis.uri())).start();
    }

    @AfterEach
    void stop() {
        producer.close();
        redis.close();
    }

    private WorkerProcess worker(String name) throws Exception {
        return WorkerProcess.start(name, redis.uri(), folder, LEASE);
    }

    private JobHandle<Object> enqueue(String task) {
        return producer.enqueue(Call.named(task).queue("held"));
    }

    @Test
    void a_job_of_a_killed_worker_runs_again_elsewhere_soon_after_its_lease() throws Exception {
        try (WorkerProcess killed = worker("killed")) {
            JobHandle<Object> job = enqueue("hold");
            killed.awaitLine("begun 1");
            try (WorkerProcess other = worker("other")) {
                other.openGate();
                killed.kill();
                // Sooner than the lease that is usual, and how much sooner depends on the machine.
                other.awaitLine("begun 2");
                assertThat(job.await(SOON)).isEqualTo("other");
                assertThat(producer.admin().counts("held").succeeded()).isOne();
            }
        }
    }

    @Test
    void a_step_that_was_recorded_is_not_done_again_however_often_its_worker_is_killed() throws Exception {
        JobHandle<Object> job = enqueue("steps");
        try (WorkerProcess first = worker("first")) {
            first.awaitLine("stands after 2");
            first.kill();
        }
        try (WorkerProcess second = worker("second")) {
            second.awaitLine("stands after 4");
            second.kill();
        }
        try (WorkerProcess third = worker("third")) {
            assertThat(job.await(SOON)).isEqualTo("third");

            // Which run did a step before it was recorded depends on the machine: a lease may be lost.
            assertThat(third.lines())
                    .contains(
                            "first did 1", "first did 2", "second did 3", "second did 4", "third did 5", "third did 6")
                    .doesNotContain("second did 1", "second did 2", "third did 1", "third did 2")
                    .doesNotContain("third did 3", "third did 4")
                    .containsSubsequence(
                            "third has 1", "third has 2", "third has 3", "third has 4", "third has 5", "third has 6");
        }
    }

    @Test
    void a_worker_that_was_frozen_for_three_leases_cannot_complete_its_job_any_more() throws Exception {
        try (WorkerProcess frozen = worker("frozen");
                RedisBroker port = RedisBroker.connect(redis.uri())) {
            port.open();
            JobHandle<Object> job = enqueue("hold");
            frozen.awaitLine("begun 1");
            String lease = lease(port).token();
            frozen.freeze();
            long thawAt = System.nanoTime() + 3 * LEASE.toNanos();
            frozen.openGate();
            try (WorkerProcess other = worker("other")) {
                other.awaitLine("begun 2");
                Waits.until("three leases are over", () -> System.nanoTime() - thawAt > 0);
                String newLease = lease(port).token();
                assertThat(newLease).isNotEqualTo(lease);

                frozen.thaw();
                frozen.awaitLine("LeaseLost " + job.id());
                Completion.Failed late = new Completion.Retry(job.id(), lease, 0, new byte[0]);
                assertThat(port.fail("held", List.of(late)).join()).containsExactly(CompletionReply.STALE);
                Completion.Succeeded done = new Completion.Succeeded(job.id(), lease, null, 0);
                assertThat(port.complete("held", List.of(done), null).join().settled())
                        .containsExactly(CompletionReply.STALE);

                QueueCounts during = producer.admin().counts("held");
                assertThat(during.active()).as("the new run is untouched").isOne();
                assertThat(during.succeeded()).isZero();
                assertThat(lease(port).token()).isEqualTo(newLease);
                assertThat(lease(port).jobs()).containsExactly(job.id());
                JobSnapshot snapshot =
                        port.lookUp().find("held", job.id(), false).join().orElseThrow();
                assertThat(snapshot.failures()).isZero();
                assertThat(snapshot.lostLeases()).isOne();

                other.openGate();
                assertThat(job.await(SOON)).isEqualTo("other");
                assertThat(producer.admin().counts("held").succeeded()).isOne();
                assertThat(other.lines()).doesNotContain("frozen Succeeded " + job.id());
            }
        }
    }

    /** The one that holds the job. */
    private static LeaseSnapshot lease(RedisBroker port) {
        List<LeaseSnapshot> leases = port.operations().leases("held", 10).join();
        assertThat(leases).hasSize(1);
        return leases.get(0);
    }

    @Test
    void a_job_that_kills_every_worker_is_dead_in_the_end_and_takes_no_neighbour_along() throws Exception {
        JobHandle<Object> poison = enqueue("halt");
        JobHandle<Object> neighbour = enqueue("hold");
        for (int i = 1; i <= 4; i++) {
            try (WorkerProcess victim = worker("victim" + i)) {
                if (i > 2) {
                    // From here on both run with nothing beside them, and the neighbour may be first: let it end.
                    victim.openGate();
                }
                Waits.until("victim " + i + " is dead", () -> !victim.isAlive());
            }
        }
        try (WorkerProcess survivor = worker("survivor")) {
            survivor.openGate();
            assertThat(neighbour.await(SOON)).asString().matches("victim[34]|survivor");
            assertThatThrownBy(() -> poison.await(SOON))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining(
                            "LeaseEnded: the lease on it ended more often than the limit of 3 times (maxLostLeases)");
        }
        assertThat(producer.admin()
                        .find("held", poison.id())
                        .orElseThrow()
                        .counts()
                        .lostLeases())
                .isEqualTo(4);
    }
}
