package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.admin.Explanation;
import io.tidemill.admin.JobFilter;
import io.tidemill.admin.JobInfo;
import io.tidemill.admin.JobPage;
import io.tidemill.admin.LeaseHolder;
import io.tidemill.admin.QueueAdmin;
import io.tidemill.admin.WorkerInfo;
import io.tidemill.broker.NewJob;
import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import io.tidemill.client.UnknownJobException;
import io.tidemill.event.QueueEvent;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.task.JobState;
import io.tidemill.task.Retention;
import io.tidemill.task.RetryPolicy;
import io.tidemill.test.Waits;
import io.tidemill.text.LibraryVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What an operator may rely on, whatever the broker. Extend it and say where the broker comes from.
 *
 * <p>{@link DeadJobsContract} is the part about jobs that are dead or are taken out.
 */
public abstract class AdminContract extends DeadJobsContract {

    @Test
    void a_job_whose_task_says_so_stays_readable_after_it_succeeded() throws Exception {
        TaskQueue queue = worker();
        JobHandle<String> kept = queue.enqueue(Call.call(Work::kept, 7).group("tenant"));
        assertThat(kept.await(SOON)).isEqualTo("kept 7");
        queue.enqueue(Work::plain).await(SOON);

        JobInfo job = queue.admin().find(QUEUE, kept.id()).orElseThrow();

        assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(job.task()).isEqualTo("kept");
        assertThat(job.payload()).isEqualTo("[7]");
        assertThat(job.group()).isEqualTo("tenant");
        assertThat(job.times().started())
                .isNotNull()
                .isBeforeOrEqualTo(job.times().finished());
        assertThat(queue.admin().list(QUEUE, JobState.SUCCEEDED, 0, 10))
                .extracting(JobInfo::id)
                .containsExactly(kept.id());
        assertThat(queue.admin().counts(QUEUE).kept()).isEqualTo(1);
        assertThat(queue.admin().counts(QUEUE).succeeded()).isEqualTo(2);
    }

    @Test
    void a_result_that_is_forgotten_is_not_taken_for_null_because_its_job_is_kept() {
        TaskQueue queue = worker();
        JobHandle<String> job = queue.enqueue(Work::brief);

        Waits.until("the result is forgotten and the job is kept", () -> {
            try {
                return job.await(SOON) == null;
            } catch (UnknownJobException e) {
                return job.state().equals(Optional.of(JobState.SUCCEEDED));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });

        assertThatThrownBy(() -> job.await(SOON)).isInstanceOf(UnknownJobException.class);
        assertThat(job.result()).isEmpty();
    }

    @Test
    void a_queue_keeps_the_newest_of_all_its_jobs_if_it_is_set_to() throws Exception {
        TaskQueue queue = start(
                TaskQueue.builder().broker(broker()).tasks(work).keep(QUEUE, new Retention(2, Duration.ofDays(1))));
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            JobHandle<Void> job = queue.enqueue(Work::plain);
            job.await(SOON);
            ids.add(job.id());
        }

        assertThat(queue.admin().list(QUEUE, JobState.SUCCEEDED, 0, 10))
                .extracting(JobInfo::id)
                .containsExactly(ids.get(2), ids.get(1));
    }

    @Test
    void a_job_says_what_it_asked_for_and_since_when_it_runs() throws Exception {
        TaskQueue queue = worker();
        JobHandle<String> job = queue.enqueue(Call.call(Work::hold)
                .group("tenant größe 7!")
                .unique("hold: ada@example.com!", Duration.ofHours(1))
                .expiresIn(Duration.ofHours(1)));
        Waits.until("it runs", () -> job.state().equals(Optional.of(JobState.ACTIVE)));

        JobInfo seen = queue.admin().find(QUEUE, job.id()).orElseThrow();

        assertThat(seen.group()).isEqualTo("tenant größe 7!");
        assertThat(seen.uniqueKey()).isEqualTo("hold: ada@example.com!");
        assertThat(seen.times().expires()).isAfter(seen.times().created());
        assertThat(seen.times().created()).isNotNull();
    }

    @Test
    void jobs_that_wait_are_counted_and_cancelled_by_task_and_header_and_the_others_stay() {
        TaskQueue queue = producer();
        QueueAdmin admin = queue.admin();
        for (String tenant : List.of("a", "b")) {
            queue.enqueue(named("hold").header("tenant", tenant));
            queue.enqueue(named("hold").header("tenant", tenant).delay(Duration.ofHours(1)));
            queue.enqueue(named("plain").header("tenant", tenant).priority(9));
        }
        JobFilter holdOfA = JobFilter.task("hold").header("tenant", "a");
        assertThat(admin.matching(QUEUE, holdOfA)).hasToString("Matching[waiting=2, running=0]");

        assertThat(admin.cancelAll(QUEUE, holdOfA)).hasToString("Matching[waiting=2, running=0]");

        assertThat(admin.matching(QUEUE, holdOfA).total()).isZero();
        assertThat(admin.matching(QUEUE, JobFilter.task("hold")).total()).isEqualTo(2);
        assertThat(admin.matching(QUEUE, JobFilter.ALL.header("tenant", "a")).total())
                .isEqualTo(1);
        assertThat(admin.counts(QUEUE).cancelled()).isEqualTo(2);
        assertThat(admin.counts(QUEUE).ready()).isEqualTo(3);
    }

    @Test
    void many_jobs_are_cancelled_behind_others_that_ended_while_they_were_ready() {
        TaskQueue queue = producer();
        QueueAdmin admin = queue.admin();
        queue.enqueueAll(Collections.nCopies(600, named("plain")));
        assertThat(admin.cancelAll(QUEUE, JobFilter.task("plain")).waiting()).isEqualTo(600);
        queue.enqueueAll(Collections.nCopies(300, named("hold")));
        String id = queue.enqueue(named("hold")).id();

        assertThat(admin.matching(QUEUE, JobFilter.ids(List.of(id, "unknown"))).waiting())
                .isEqualTo(1);
        assertThat(admin.cancelAll(QUEUE, JobFilter.ids(List.of(id, "unknown"))).waiting())
                .isEqualTo(1);
        assertThat(admin.cancelAll(QUEUE, JobFilter.ALL).waiting()).isEqualTo(300);

        assertThat(admin.counts(QUEUE).ready()).isZero();
        assertThat(admin.counts(QUEUE).cancelled()).isEqualTo(901);
    }

    @Test
    void jobs_that_run_are_asked_to_end_when_all_are_cancelled() throws Exception {
        TaskQueue queue = worker(2);
        JobHandle<String> first = queue.enqueue(Work::hold);
        JobHandle<String> second = queue.enqueue(Work::hold);
        Waits.until("both run", () -> queue.admin().counts(QUEUE).active() == 2);
        assertThat(queue.admin().matching(QUEUE, JobFilter.ALL).running()).isEqualTo(2);

        assertThat(queue.admin().cancelAll(QUEUE, JobFilter.ALL)).hasToString("Matching[waiting=0, running=2]");

        events.await(QueueEvent.Cancelled.class, 2);
        assertThat(first.state()).contains(JobState.CANCELLED);
        assertThat(second.state()).contains(JobState.CANCELLED);
    }

    @Test
    void a_paused_queue_starts_nothing_and_goes_on_when_resumed() throws Exception {
        work.release.countDown();
        TaskQueue queue = worker();
        QueueAdmin admin = queue.admin();
        assertThat(admin.pause(QUEUE)).isTrue();
        assertThat(admin.isPaused(QUEUE)).isTrue();

        JobHandle<Object> job = queue.enqueue(named("hold"));

        assertThat(admin.explain(QUEUE, job.id())).isEqualTo(new Explanation.Paused());
        assertThat(admin.resume(QUEUE)).isTrue();
        assertThat(job.await(SOON)).isEqualTo("done");
    }

    @Test
    void a_running_job_ends_while_its_queue_is_paused() throws Exception {
        TaskQueue queue = worker();
        JobHandle<Object> running = queue.enqueue(named("hold"));
        events.await(QueueEvent.Started.class, 1);

        queue.admin().pause(QUEUE);
        work.release.countDown();

        assertThat(running.await(SOON)).isEqualTo("done");
    }

    @Test
    void a_worker_is_listed_with_what_it_holds_until_it_stops() throws Exception {
        TaskQueue queue = worker(3);
        JobHandle<Object> job = queue.enqueue(named("hold"));
        events.await(QueueEvent.Started.class, 1);
        TaskQueue other = producer();
        Waits.until("the worker is listed", () -> !other.admin().workers(QUEUE).isEmpty());

        WorkerInfo worker = other.admin().workers(QUEUE).get(0);

        assertThat(worker.pid()).isEqualTo(ProcessHandle.current().pid());
        assertThat(worker.host()).isNotBlank();
        assertThat(worker.version()).isEqualTo(LibraryVersion.TEXT);
        assertThat(worker.concurrency()).isEqualTo(3);
        assertThat(worker.queues()).isEqualTo(Set.of(QUEUE));
        assertThat(worker.tasks()).contains("hold", "bad_state");
        assertThat(worker.active()).containsExactly(job.id());
        LeaseHolder holder = other.admin().find(QUEUE, job.id()).orElseThrow().holder();
        assertThat(holder).isNotNull().extracting(LeaseHolder::worker).isEqualTo(worker.id());
        assertThat(other.admin().explain(QUEUE, job.id())).isInstanceOf(Explanation.Held.class);
        work.release.countDown();
        queue.close();
        assertThat(other.admin().workers(QUEUE)).isEmpty();
    }

    @Test
    void queues_are_listed_that_were_used() {
        TaskQueue queue = producer();
        queue.enqueue(named("hold"));

        // Noted beside the job, and nobody waits for that.
        Waits.until("the queue is listed", () -> queue.admin().queues().contains(QUEUE));
        assertThat(queue.admin().queues()).doesNotContain("other");
    }

    @Test
    void a_job_says_why_it_is_not_running() throws Exception {
        TaskQueue producer = producer();
        QueueAdmin admin = producer.admin();
        String delayed =
                producer.enqueue(named("hold").delay(Duration.ofHours(1))).id();
        String first = producer.enqueue(named("hold")).id();
        assertThat(admin.explain(QUEUE, delayed))
                .isInstanceOfSatisfying(
                        Explanation.Delayed.class,
                        why -> assertThat(why.until())
                                .isEqualTo(admin.find(QUEUE, delayed)
                                        .orElseThrow()
                                        .times()
                                        .due()));
        assertThat(admin.explain(QUEUE, first)).isEqualTo(new Explanation.NoWorker());
        assertThat(admin.explain(QUEUE, "never-stored")).isEqualTo(new Explanation.Unknown());
        admin.cancel(QUEUE, delayed);
        assertThat(admin.explain(QUEUE, delayed)).isEqualTo(new Explanation.Ended(JobState.CANCELLED));

        worker();
        events.await(QueueEvent.Started.class, 1);
        String second = producer.enqueue(named("hold")).id();
        String third = producer.enqueue(named("hold")).id();
        String stranger = producer.enqueue(named("of_another_version")).id();
        Waits.until("the worker is listed", () -> !admin.workers(QUEUE).isEmpty());

        assertThat(admin.explain(QUEUE, second)).isEqualTo(new Explanation.Behind(0));
        assertThat(admin.explain(QUEUE, third).text()).isEqualTo("behind 1 job");
        assertThat(admin.explain(QUEUE, stranger)).isEqualTo(new Explanation.NoWorkerKnowsTask("of_another_version"));
        String later = producer.enqueue(named("of_another_version").delay(Duration.ofHours(1)))
                .id();
        assertThat(admin.explain(QUEUE, later))
                .as("a worker that does not know a task delays its jobs, so that is not the first cause")
                .isEqualTo(new Explanation.NoWorkerKnowsTask("of_another_version"));
    }

    @Test
    void a_job_that_a_limit_holds_up_says_which() throws Exception {
        TaskQueue queue = worker(10);
        QueueAdmin admin = queue.admin();
        admin.limit(QUEUE, LimitScope.GROUPS, Limit.concurrency(1));
        queue.enqueue(named("hold").group("ada"));
        events.await(QueueEvent.Started.class, 1);
        String ofAda = queue.enqueue(named("hold").group("ada")).id();
        Waits.until("the worker is listed", () -> !admin.workers(QUEUE).isEmpty());

        assertThat(admin.explain(QUEUE, ofAda)).isEqualTo(new Explanation.Limited("ada", null));
        assertThat(admin.explain(QUEUE, ofAda).text())
                .isEqualTo("held up by a limit of its group ada until a running job ends");

        admin.limit(QUEUE, LimitScope.QUEUE, Limit.concurrency(1));
        String plain = queue.enqueue(named("hold")).id();
        assertThat(admin.explain(QUEUE, plain)).isEqualTo(new Explanation.Limited(null, null));

        admin.limit(QUEUE, LimitScope.QUEUE, Limit.rate(1, Duration.ofHours(1)));
        events.await(QueueEvent.Started.class, 2);
        String late = queue.enqueue(named("hold")).id();
        assertThat(admin.explain(QUEUE, late)).isInstanceOfSatisfying(Explanation.Limited.class, why -> {
            assertThat(why.group()).isNull();
            assertThat(why.until()).isAfter(Instant.EPOCH);
        });

        admin.unlimit(QUEUE, LimitScope.QUEUE);
        admin.unlimit(QUEUE, LimitScope.GROUPS);
        assertThat(events.await(QueueEvent.Started.class, 4)).isNotNull();
    }

    @Test
    void a_job_behind_a_retry_in_order_says_which_and_goes_on_when_that_is_cancelled() throws Exception {
        TaskQueue queue = worker(10);
        QueueAdmin admin = queue.admin();
        admin.limit(QUEUE, LimitScope.GROUPS, Limit.inOrder());
        RetryPolicy inAnHour = RetryPolicy.defaults().withDelay(Duration.ofHours(1));
        String first =
                queue.enqueue(named("bad_state").group("ada").retry(inAnHour)).id();
        String second = queue.enqueue(named("hold").group("ada")).id();
        events.await(QueueEvent.Retrying.class, 1);
        Waits.until("the worker is listed", () -> !admin.workers(QUEUE).isEmpty());

        assertThat(admin.explain(QUEUE, second)).isInstanceOfSatisfying(Explanation.InOrder.class, why -> {
            assertThat(why.group()).isEqualTo("ada");
            assertThat(why.before()).isEqualTo(first);
            assertThat(why.text())
                    .isEqualTo("its group ada runs in order, and job " + first
                            + " goes before it, which is delayed until " + why.until());
        });
        assertThat(admin.explain(QUEUE, first)).isInstanceOf(Explanation.Delayed.class);

        admin.cancel(QUEUE, first);

        assertThat(events.await(QueueEvent.Started.class, 2)).isNotNull();
    }

    @Test
    void a_job_that_is_not_due_runs_now_or_later_if_told_so() throws Exception {
        work.release.countDown();
        TaskQueue queue = worker();
        JobHandle<Object> job = queue.enqueue(named("hold").delay(Duration.ofHours(1)));

        assertThat(queue.admin().reschedule(QUEUE, job.id(), Duration.ofHours(2)))
                .isTrue();
        assertThat(queue.admin().find(QUEUE, job.id()).orElseThrow().times().due())
                .isAfter(Instant.now().plus(Duration.ofMinutes(90)));
        assertThat(queue.admin().runNow(QUEUE, job.id())).isTrue();

        assertThat(job.await(SOON)).isEqualTo("done");
        assertThat(queue.admin().runNow(QUEUE, job.id())).isFalse();
        assertThatThrownBy(() -> queue.admin().reschedule(QUEUE, job.id(), Duration.ofSeconds(-1)))
                .hasMessage("delay must be between 0 and 10 years, got -1 s");
    }

    @Test
    void a_job_shows_what_its_call_asked_for_and_its_bytes_even_if_they_are_no_text() {
        TaskQueue queue = producer();
        JobHandle<Object> job =
                queue.enqueue(named("hold").timeout(Duration.ofSeconds(90)).maxAttempts(7));
        JobHandle<Object> plain = queue.enqueue(named("hold"));
        broker().enqueue(QUEUE, List.of(NewJob.now("binary", new byte[] {1, (byte) 0xff, 0}, 4)))
                .join();

        JobInfo asked = queue.admin().find(QUEUE, job.id()).orElseThrow();
        assertThat(asked.run().timeout()).isEqualTo(Duration.ofSeconds(90));
        assertThat(asked.run().maxAttempts()).isEqualTo(7);
        assertThat(queue.admin().find(QUEUE, plain.id()).orElseThrow().run().timeout())
                .as("it is left to the task")
                .isNull();
        assertThat(queue.admin().find(QUEUE, "binary").orElseThrow().payload()).isEqualTo("base64:Af8A");
    }

    @Test
    void a_page_says_whether_there_are_more() {
        TaskQueue queue = producer();
        QueueAdmin admin = queue.admin();
        List<String> ids = IntStream.range(0, 5)
                .mapToObj(i -> queue.enqueue(named("hold")).id())
                .toList();
        admin.cancel(QUEUE, ids.get(3));

        JobPage first = admin.page(QUEUE, JobState.READY, 0, 3);

        assertThat(first.jobs()).extracting(JobInfo::id).isEqualTo(ids.subList(0, 3));
        assertThat(first.hasMore()).isTrue();
        assertThat(admin.page(QUEUE, JobState.READY, 0, 100).hasMore()).isFalse();
        JobPage none = admin.page(QUEUE, JobState.DEAD, 0, 100);
        assertThat(none.jobs()).isEmpty();
        assertThat(none.hasMore()).isFalse();
    }
}
