package io.tidemill.conformance;

import static io.tidemill.conformance.Counted.counted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.admin.DeadFilter;
import io.tidemill.admin.JobInfo;
import io.tidemill.admin.QueueAdmin;
import io.tidemill.admin.Redriven;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.RedriveReply;
import io.tidemill.client.JobHandle;
import io.tidemill.client.UnknownJobException;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.JobState;
import io.tidemill.task.Retention;
import io.tidemill.task.Unique;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Part of the {@link AdminContract}. Jobs that are dead, redriven, purged or deleted, and queues that are deleted. */
public abstract class DeadJobsContract extends AdminHarness {

    @Test
    void a_redrive_of_all_ends_though_some_must_stay_dead() throws Exception {
        TaskQueue queue = worker(10);
        QueueAdmin admin = queue.admin();
        Unique key = Unique.untilDone("key");
        String dead = queue.enqueue(named("bad_state").unique(key)).id();
        events.await(QueueEvent.Died.class, 1);
        queue.enqueue(named("bad_argument", 1));
        events.await(QueueEvent.Died.class, 2);
        admin.pause(QUEUE);
        queue.enqueue(named("hold").unique(key));

        assertThat(admin.redriveAll(QUEUE, DeadFilter.ALL)).isEqualTo(1);

        assertThat(admin.redrive(QUEUE, dead)).isEqualTo(RedriveReply.KEY_HELD);
        assertThat(admin.list(QUEUE, JobState.DEAD, 0, 10))
                .extracting(JobInfo::id)
                .containsExactly(dead);
    }

    @Test
    void a_job_that_was_purged_is_not_taken_for_one_that_succeeded() throws Exception {
        TaskQueue queue = producer();
        JobHandle<Object> job = queue.enqueue(named("hold"));
        CompletableFuture<Object> completion = job.completion();

        assertThat(queue.admin().purge(QUEUE, JobState.READY)).isEqualTo(1);

        assertThatThrownBy(() -> completion.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(UnknownJobException.class);
        assertThatThrownBy(() -> job.await(SOON)).isInstanceOf(UnknownJobException.class);
    }

    @Test
    void whoever_awaits_a_job_that_is_deleted_is_told() throws Exception {
        TaskQueue queue = producer();
        JobHandle<Object> job = queue.enqueue(named("hold"));
        CompletableFuture<Object> completion = queue.job(QUEUE, job.id()).completion();

        assertThat(queue.admin().delete(QUEUE, job.id())).isEqualTo(DeleteReply.DELETED);

        assertThatThrownBy(() -> completion.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(UnknownJobException.class);
    }

    @Test
    void a_dead_job_says_what_killed_it_and_runs_again_once() throws Exception {
        TaskQueue queue = withDead(1);
        QueueAdmin admin = queue.admin();
        JobInfo dead = admin.list(QUEUE, JobState.DEAD, 0, 10).stream()
                .filter(job -> job.task().equals("bad_state"))
                .findFirst()
                .orElseThrow();
        assertThat(dead.times().created()).isBeforeOrEqualTo(dead.times().finished());
        assertThat(dead.times().due()).isNull();
        assertThat(dead.counts().failures()).isEqualTo(1);
        assertThat(dead.counts().spent()).isEqualTo(1);
        assertThat(admin.explain(QUEUE, dead.id()).text())
                .contains("dead since")
                .contains("java.lang.IllegalStateException: broken");
        admin.pause(QUEUE);

        assertThat(admin.redrive(QUEUE, dead.id())).isEqualTo(RedriveReply.REDRIVEN);
        assertThat(admin.redrive(QUEUE, dead.id())).isEqualTo(RedriveReply.NOT_DEAD);

        work.isFixed = true;
        admin.resume(QUEUE);
        events.await(QueueEvent.Succeeded.class, 1);
        assertThat(admin.counts(QUEUE).succeeded()).isEqualTo(1);
        assertThat(admin.counts(QUEUE).dead()).isEqualTo(1);
    }

    @Test
    void dead_jobs_are_redriven_by_task_or_by_error() throws Exception {
        TaskQueue queue = withDead(5);
        QueueAdmin admin = queue.admin();
        admin.pause(QUEUE);

        assertThat(admin.redriveAll(QUEUE, DeadFilter.task("bad_state"))).isEqualTo(5);
        assertThat(admin.counts(QUEUE).dead()).isEqualTo(5);
        assertThat(admin.redriveAll(QUEUE, DeadFilter.errorType("TimeoutException")))
                .isZero();
        assertThat(admin.redriveAll(QUEUE, DeadFilter.errorType("IllegalArgumentException")))
                .isEqualTo(5);

        assertThat(admin.counts(QUEUE).ready()).isEqualTo(10);
        assertThat(admin.counts(QUEUE).dead()).isZero();
    }

    @Test
    void a_redrive_goes_on_where_it_stopped() throws Exception {
        TaskQueue queue = withDead(5);
        QueueAdmin admin = queue.admin();
        admin.pause(QUEUE);

        Redriven done = Redriven.NONE;
        int steps = 0;
        while (!done.isDone()) {
            done = admin.redriveSome(QUEUE, DeadFilter.task("bad_argument"), 0, 3, done);
            steps++;
        }

        assertThat(done.redriven()).isEqualTo(5);
        assertThat(done.passedOver()).isEqualTo(5);
        assertThat(done.isDone()).isTrue();
        assertThat(steps).isEqualTo(4);
        assertThat(admin.list(QUEUE, JobState.DEAD, 0, 100))
                .extracting(JobInfo::task)
                .containsOnly("bad_state");
    }

    @Test
    void a_redrive_at_a_rate_spreads_the_jobs() throws Exception {
        TaskQueue queue = withDead(2);
        QueueAdmin admin = queue.admin();
        admin.pause(QUEUE);

        assertThat(admin.redriveAll(QUEUE, DeadFilter.ALL, 0.001)).isEqualTo(4);

        assertThat(admin.counts(QUEUE).ready()).isEqualTo(1);
        List<JobInfo> scheduled = admin.list(QUEUE, JobState.SCHEDULED, 0, 10);
        assertThat(scheduled)
                .extracting(job -> millis(job) - millis(scheduled.get(0)))
                .containsExactly(0L, 1_000_000L, 2_000_000L);
        assertThatThrownBy(() -> admin.redriveAll(QUEUE, DeadFilter.ALL, -1))
                .hasMessage("perSecond must be 0 to 1,000,000, got -1.0");
    }

    @Test
    void a_purge_takes_out_jobs_in_that_state_and_nothing_else() throws Exception {
        TaskQueue queue = worker();
        QueueAdmin admin = queue.admin();
        JobHandle<Object> running = queue.enqueue(named("hold"));
        events.await(QueueEvent.Started.class, 1);
        for (int i = 0; i < 3; i++) {
            queue.enqueue(named("hold"));
            queue.enqueue(named("hold").delay(Duration.ofHours(1)));
        }

        assertThat(admin.purge(QUEUE, JobState.READY)).isEqualTo(3);
        assertThat(admin.purge(QUEUE, JobState.SCHEDULED)).isEqualTo(3);

        assertThat(admin.counts(QUEUE).removed()).isEqualTo(6);
        assertThat(admin.delete(QUEUE, running.id())).isEqualTo(DeleteReply.ACTIVE);
        work.release.countDown();
        assertThat(running.await(SOON)).isEqualTo("done");
        assertThatThrownBy(() -> admin.purge(QUEUE, JobState.ACTIVE)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_queue_is_deleted_when_it_has_no_jobs_and_no_workers() throws Exception {
        TaskQueue producer = producer();
        QueueAdmin admin = producer.admin();
        TaskQueue worker = worker();
        worker.enqueue(named("bad_state"));
        events.await(QueueEvent.Died.class, 1);
        producer.enqueue(named("hold").delay(Duration.ofHours(1)));
        Waits.until("the worker is listed", () -> !admin.workers(QUEUE).isEmpty());

        assertThatThrownBy(() -> admin.deleteQueue(QUEUE, true))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("queue " + QUEUE
                        + " was not deleted: it is served by 1 worker; stop them, or wait until they are gone, 30 s"
                        + " after one died");
        worker.close();
        assertThatThrownBy(() -> admin.deleteQueue(QUEUE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "queue " + QUEUE + " was not deleted: it has 0 ready, 1 scheduled, 0 active and 1 dead jobs;"
                                + " let them end, purge them, or delete it by force");
        assertThat(admin.counts(QUEUE).accepted()).isEqualTo(2);
        admin.deleteQueue(QUEUE, true);

        assertThat(admin.counts(QUEUE)).isEqualTo(counted(0, 0, 0, 0, 0, 0, 0, 0, 0));
        assertThat(admin.queues()).doesNotContain(QUEUE);
        admin.deleteQueue(QUEUE);
    }

    @Test
    void a_queue_is_deleted_by_force_with_all_its_jobs() {
        QueueAdmin admin = producer().admin();
        List<NewJob> jobs = IntStream.range(0, 700)
                .mapToObj(i -> NewJob.now("job" + i, new byte[] {1}, 4))
                .toList();
        broker().enqueue(QUEUE, jobs).join();
        broker().claim(QUEUE, new ClaimRequest("gone", "gone:1", 300, 3_600_000))
                .join();

        admin.deleteQueue(QUEUE, true);

        assertThat(admin.counts(QUEUE)).isEqualTo(counted(0, 0, 0, 0, 0, 0, 0, 0, 0));
        assertThat(admin.queues()).doesNotContain(QUEUE);
    }

    @Test
    void dead_jobs_are_trimmed_where_nothing_happens_any_more() throws Exception {
        withDead(3).close();

        TaskQueue idle = start(TaskQueue.builder()
                .broker(broker())
                .tasks(work)
                .lease(Duration.ofSeconds(1))
                .deadRetention(new Retention(1, Duration.ofDays(1)))
                .deadRetention(QUEUE, new Retention(2, Duration.ofDays(1))));

        Waits.until("dead jobs are trimmed", () -> idle.admin().counts(QUEUE).dead() == 2);
        assertThat(idle.admin().counts(QUEUE).removed()).isEqualTo(4);
    }

    static long millis(JobInfo job) {
        return Objects.requireNonNull(job.times().due()).toEpochMilli();
    }
}
