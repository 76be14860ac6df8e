package io.tidemill.test;

import static io.tidemill.client.Call.call;
import static io.tidemill.client.TaskRef.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.client.AwaitTimeoutException;
import io.tidemill.client.JobHandle;
import io.tidemill.client.TaskClient;
import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import io.tidemill.queue.Limit;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import io.tidemill.task.Retry;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.Task;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class TestQueueTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final List<String> ran = new ArrayList<>();
    private final Mails mails = new Mails();

    /** What the runs of the tasks are to do, and the queue that runs them. */
    public final class Mails {

        int failures;
        Duration takes = Duration.ZERO;
        TestQueue queue;
        Thread thread;

        @Task(name = "send_mail", queue = "mail", retry = @Retry(maxAttempts = 4, delay = "1m", jitter = false))
        public String send(String to) {
            ran.add(to + " at " + queue.now());
            thread = Thread.currentThread();
            if (failures-- > 0) {
                throw new IllegalStateException("no connection");
            }
            return "sent to " + to;
        }

        @Task(name = "send_later", retry = @Retry(maxAttempts = 1))
        public CompletionStage<String> sendLater(String to) {
            return CompletableFuture.supplyAsync(() -> {
                if (to.isEmpty()) {
                    throw new IllegalStateException("to nobody");
                }
                return "sent to " + to;
            });
        }

        @Task(name = "slow", timeout = "1m", retry = @Retry(maxAttempts = 1))
        public void slow() throws InterruptedException {
            queue.sleep(takes);
            ran.add("slow at " + queue.now());
        }
    }

    private TestQueue start() {
        return start(TestQueue.builder());
    }

    private TestQueue start(TestQueueBuilder builder) {
        mails.queue = builder.tasks(mails).start();
        return mails.queue;
    }

    @Test
    void aJobRunsOnTheThreadOfTheTestAndNotBeforeItIsAsked() throws InterruptedException {
        try (TestQueue queue = start()) {
            JobHandle<String> job = queue.enqueue(Mails::send, "ada");
            assertThat(ran).isEmpty();
            assertThat(job.state()).contains(JobState.READY);

            queue.runUntilIdle();

            assertThat(ran).containsExactly("ada at " + START);
            assertThat(mails.thread).isSameAs(Thread.currentThread());
            assertThat(job.result()).contains("sent to ada");
            assertThat(job.await(Duration.ZERO)).isEqualTo("sent to ada");
            assertThat(queue.now()).isEqualTo(START);
        }
    }

    @Test
    void anAsyncTaskEndsOnItsOwnThreadWhileTimeStands() {
        try (TestQueue queue = start()) {
            TestRun<String> sent = queue.run(call(Mails::sendLater, "ada"));
            TestRun<String> failed = queue.run(call(Mails::sendLater, ""));

            assertThat(sent.result()).isEqualTo("sent to ada");
            assertThat(failed.state()).isEqualTo(JobState.DEAD);
            assertThat(failed.thrown()).hasMessage("to nobody");
            assertThat(queue.now()).isEqualTo(START);
        }
    }

    @Test
    void aSecondRunUnderTheSameIdIsNotTakenForTheFirst() {
        try (TestQueue queue = start()) {
            assertThat(queue.run(call(Mails::slow).id("once")).state()).isEqualTo(JobState.SUCCEEDED);
            queue.failNext(task(Mails::slow), new IllegalStateException("no connection"));

            TestRun<Void> second = queue.run(call(Mails::slow).id("once"));

            assertThat(second.state()).isEqualTo(JobState.DEAD);
            assertThat(second.attempts()).hasSize(1);
        }
    }

    @Test
    void eachJobRunsAtItsExactInstantWhileTimePasses() {
        try (TestQueue queue = start()) {
            queue.enqueue(call(Mails::send, "later").delay(Duration.ofDays(3)));
            queue.enqueue(call(Mails::send, "soon").delay(Duration.ofMillis(1)));
            queue.enqueue(call(Mails::send, "never").delay(Duration.ofDays(31)));

            queue.advance(Duration.ofDays(30));

            assertThat(ran).containsExactly("soon at 2026-01-01T00:00:00.001Z", "later at 2026-01-04T00:00:00Z");
            assertThat(queue.now()).isEqualTo(START.plus(Duration.ofDays(30)));
        }
    }

    @Test
    void aRunGoesThroughAllRetriesAndSaysHowLongEachWaited() {
        try (TestQueue queue = start()) {
            mails.failures = 2;

            TestRun<String> run = queue.run(call(Mails::send, "ada"));

            assertThat(run.result()).isEqualTo("sent to ada");
            assertThat(run.waits()).containsExactly(Duration.ofMinutes(1), Duration.ofMinutes(2));
            assertThat(run.thrown()).hasMessage("no connection");
            assertThat(queue.now()).isEqualTo(START.plus(Duration.ofMinutes(3)));
        }
    }

    @Test
    void aRunOfAJobThatDiesHasTheExceptionOfTheTask() {
        try (TestQueue queue = start()) {
            mails.failures = 9;

            TestRun<String> run = queue.run(call(Mails::send, "ada"));

            assertThat(run.state()).isEqualTo(JobState.DEAD);
            assertThat(run.attempts()).hasSize(4);
            assertThatThrownBy(run::result)
                    .isInstanceOf(AssertionError.class)
                    .hasRootCauseMessage("no connection")
                    .hasMessageContaining("DEAD after 4 runs");
        }
    }

    @Test
    void aTaskThatTakesTooLongIsEndedByItsTimeout() {
        try (TestQueue queue = start()) {
            mails.takes = Duration.ofHours(1);

            TestRun<Void> run = queue.run(call(Mails::slow));

            assertThat(run.state()).isEqualTo(JobState.DEAD);
            assertThat(run.thrown()).isInstanceOf(InterruptedException.class);
            assertThat(queue.now()).isEqualTo(START.plus(Duration.ofMinutes(1)));

            mails.takes = Duration.ofSeconds(59);
            assertThat(queue.run(call(Mails::slow)).isSuccess()).isTrue();
            assertThat(ran).containsExactly("slow at " + START.plus(Duration.ofSeconds(119)));
        }
    }

    @Test
    void awaitingAHandleMovesTheTimeOfTheQueue() throws InterruptedException {
        try (TestQueue queue = start()) {
            JobHandle<String> job = queue.enqueue(call(Mails::send, "ada").delay(Duration.ofHours(5)));

            assertThatThrownBy(() -> job.await(Duration.ofHours(4))).isInstanceOf(AwaitTimeoutException.class);
            assertThat(queue.now()).isEqualTo(START.plus(Duration.ofHours(4)));
            assertThat(job.await(Duration.ofHours(4))).isEqualTo("sent to ada");
            assertThat(queue.now()).isEqualTo(START.plus(Duration.ofHours(5)));
        }
    }

    @Test
    void limitsPrioritiesUniqueKeysAndExpiryHoldInTheTimeOfTheQueue() {
        try (TestQueue queue =
                start(TestQueue.builder().configure(it -> it.limit("mail", Limit.rate(1, Duration.ofMinutes(10)))))) {
            queue.enqueue(call(Mails::send, "low").priority(1));
            queue.enqueue(call(Mails::send, "high").priority(9));
            queue.enqueue(call(Mails::send, "once").unique("key"));
            assertThat(queue.enqueue(call(Mails::send, "twice").unique("key")).isNew())
                    .isFalse();
            JobHandle<String> late =
                    queue.enqueue(call(Mails::send, "late").priority(0).expiresIn(Duration.ofMinutes(15)));

            queue.advance(Duration.ofMinutes(15));
            assertThat(late.state()).contains(JobState.EXPIRED);
            queue.advance(Duration.ofHours(1));

            assertThat(ran)
                    .containsExactly(
                            "high at 2026-01-01T00:00:00Z",
                            "once at 2026-01-01T00:10:00Z",
                            "low at 2026-01-01T00:20:00Z");
        }
    }

    /** A task that enqueues. */
    public record Family(TaskClient client, List<String> ran) {

        @Task(name = "parent")
        public void parent(int children) {
            for (int i = 1; i <= children; i++) {
                client.enqueue(
                        call(Family::child, i).delay(Duration.ofMinutes(i)).header("of", "parent"));
            }
        }

        @Task(name = "child")
        public void child(int number) {
            ran.add("child " + number);
        }
    }

    @Test
    void jobsThatTasksEnqueueAreSeenAndRun() {
        try (TestQueue queue =
                TestQueue.builder().tasks(client -> new Family(client, ran)).start()) {
            queue.enqueue(Family::parent, 2);
            queue.runUntilIdle();

            List<EnqueuedJob> children = queue.enqueued(task(Family::child));
            assertThat(children).extracting(EnqueuedJob::arguments).containsExactly(List.of(1), List.of(2));
            assertThat(children)
                    .extracting(EnqueuedJob::delay)
                    .containsExactly(Duration.ofMinutes(1), Duration.ofMinutes(2));
            assertThat(children.get(0).headers()).containsEntry("of", "parent");
            assertThat(ran).isEmpty();

            queue.advance(Duration.ofMinutes(2));
            assertThat(ran).containsExactly("child 1", "child 2");
        }
    }

    @Test
    void aYearOfDelaysAndRetriesTakesLittleTime() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long began = threads.getCurrentThreadCpuTime();
        try (TestQueue queue = start()) {
            for (int day = 0; day < 365; day++) {
                queue.enqueue(call(Mails::send, "day " + day).delay(Duration.ofDays(day)));
            }
            mails.failures = 3;
            queue.advance(Duration.ofDays(365));
            assertThat(ran).hasSize(368);
            assertThat(ran).last().isEqualTo("day 364 at 2026-12-31T00:00:00Z");
        }
        // Of this thread, which does all the work: other processes make no difference.
        assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - began)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void injectedFailuresAreThrownInPlaceOfTheTask() {
        try (TestQueue queue = start()) {
            queue.failNext(task(Mails::send), new IllegalArgumentException("injected"));

            TestRun<String> run = queue.run(call(Mails::send, "ada"));

            assertThat(run.attempts()).hasSize(2);
            assertThat(run.thrown()).hasMessage("injected");
            assertThat(ran).containsExactly("ada at " + START.plus(Duration.ofMinutes(1)));
        }
    }

    @Test
    void aJobWhoseWorkerDiesRunsAgainWhenTheLeaseEnds() {
        try (TestQueue queue = start()) {
            queue.crashNext(task(Mails::send));

            TestRun<String> run = queue.run(call(Mails::send, "ada"));

            assertThat(run.isSuccess()).isTrue();
            assertThat(ran).containsExactly("ada at " + START, "ada at " + START.plus(Duration.ofSeconds(30)));
            assertThat(queue.events())
                    .filteredOn(QueueEvent.Recovered.class::isInstance)
                    .hasSize(1);
        }
    }

    @Test
    void aLostReplyLeavesTheJobStored() {
        try (TestQueue queue = start()) {
            queue.loseReply();

            assertThatThrownBy(() -> queue.enqueue(call(Mails::send, "ada").id("1")))
                    .isInstanceOfSatisfying(
                            BrokerException.class,
                            e -> assertThat(e.outcome()).isEqualTo(BrokerException.Outcome.UNKNOWN));
            assertThat(queue.enqueue(call(Mails::send, "ada").id("1")).isNew()).isFalse();
            queue.runUntilIdle();

            assertThat(ran).hasSize(1);
        }
    }

    @Test
    void aJobThatCannotRunIsReportedWithWhereItIs() {
        try (TestQueue queue = start()) {
            queue.admin().pause("mail");

            assertThatThrownBy(() -> queue.run(call(Mails::send, "ada")))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("does not end by itself; it is READY in queue mail");
        }
    }

    @Test
    void theSameSeedGivesTheSameJitter() {
        assertThat(waitsWithJitter(7)).isEqualTo(waitsWithJitter(7)).hasSize(3);
    }

    private List<Duration> waitsWithJitter(long seed) {
        try (TestQueue queue = start(TestQueue.builder()
                .seed(seed)
                .configure(it -> it.task(
                        "send_mail", task -> task.retry(RetryPolicy.defaults().withMaxAttempts(4)))))) {
            mails.failures = 9;
            return queue.run(call(Mails::send, "ada")).waits();
        }
    }

    @Test
    void timeIsNotMovedFromWithinATask() {
        try (TestQueue queue = start(TestQueue.builder()
                .configure(it -> it.listener(event -> {
                    if (event instanceof JobEvent && event instanceof QueueEvent.Succeeded) {
                        assertThatThrownBy(() -> mails.queue.advance(Duration.ofDays(1)))
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageContaining("sleep");
                        ran.add("refused");
                    }
                })))) {
            queue.run(call(Mails::send, "ada"));
            queue.runUntilIdle();
            assertThat(ran).contains("refused");
        }
    }
}
