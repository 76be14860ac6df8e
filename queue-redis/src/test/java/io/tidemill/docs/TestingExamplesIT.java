package io.tidemill.docs;

import static io.tidemill.client.Call.call;
import static io.tidemill.client.TaskRef.task;
import static io.tidemill.test.assertj.TestQueueAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.docs.MailTasks.Receipt;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisOptions;
import io.tidemill.task.JobState;
import io.tidemill.test.TestQueue;
import io.tidemill.test.TestRun;
import io.tidemill.test.redis.RedisExtension;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Runs the Java of docs/guide-testing.md, whose text {@link DocumentsTest} compares. */
class TestingExamplesIT {

    private final List<String> sent = new ArrayList<>();
    private final MailTasks tasks = new MailTasks((messageId, to, subject) -> sent.add(subject));

    // region: testing-first
    @Test
    void a_reminder_goes_out_after_a_day() {
        try (TestQueue queue = TestQueue.of(tasks)) {
            queue.enqueue(MailTasks::sendEmail, "ada@example.com", "Welcome");
            queue.enqueue(call(MailTasks::sendEmail, "ada@example.com", "Still there?")
                    .delay(Duration.ofDays(1)));

            queue.runUntilIdle(); // all that is due now
            assertThat(sent).containsExactly("Welcome");

            queue.advance(Duration.ofDays(1)); // each job at its exact instant
            assertThat(sent).containsExactly("Welcome", "Still there?");
        }
    }
    // endregion

    // region: testing-run
    @Test
    void a_mail_is_tried_again() {
        try (TestQueue queue = TestQueue.of(tasks)) {
            queue.failNext(task(MailTasks::sendEmail), new IllegalStateException("no connection"));

            TestRun<Receipt> run = queue.run(call(MailTasks::sendEmail, "ada@example.com", "Welcome"));

            assertThat(run.result().to()).isEqualTo("ada@example.com");
            assertThat(run.attempts()).hasSize(2);
            assertThat(run.waits().get(0)).isBetween(Duration.ofMillis(2500), Duration.ofSeconds(5)); // with jitter
        }
    }
    // endregion

    // region: testing-assert
    @Test
    void a_reminder_is_enqueued_once() {
        try (TestQueue queue = TestQueue.of(tasks)) {
            queue.enqueue(call(MailTasks::sendEmail, "ada@example.com", "Still there?")
                    .delay(Duration.ofDays(1)));

            assertThat(queue)
                    .enqueued(task(MailTasks::sendEmail))
                    .withArguments("ada@example.com", "Still there?")
                    .withDelay(Duration.ofDays(1))
                    .once();
        }
    }
    // endregion

    // region: testing-faults
    @Test
    void a_mail_may_go_out_twice_when_a_worker_dies() {
        try (TestQueue queue = TestQueue.of(tasks)) {
            queue.crashNext(task(MailTasks::sendEmail)); // after the task has run, before that is recorded

            queue.run(call(MailTasks::sendEmail, "ada@example.com", "Welcome"));

            assertThat(sent).containsExactly("Welcome", "Welcome"); // the second when the lease has ended
        }
    }
    // endregion

    @Test
    void a_slow_mail_is_ended() {
        TestQueue[] holder = new TestQueue[1];
        // region: testing-sleep
        MailTasks slow = new MailTasks((messageId, to, subject) -> {
            try {
                holder[0].sleep(Duration.ofMinutes(5)); // lets time pass while the task runs
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted by the timeout", e);
            }
        });
        // endregion
        try (TestQueue queue = TestQueue.of(slow)) {
            holder[0] = queue;
            TestRun<Receipt> run = queue.run(
                    call(MailTasks::sendEmail, "ada@example.com", "Welcome").maxAttempts(1));

            assertThat(run.state()).isEqualTo(JobState.DEAD);
            assertThat(run.attempts().get(0).endedAt())
                    .isEqualTo(run.attempts().get(0).startedAt().plusSeconds(30));
        }
    }

    // region: testing-redis
    @Nested
    @ExtendWith(RedisExtension.class)
    class OnARealRedis {

        @Test
        void a_mail_goes_out(RedisServer redis) throws Exception {
            RedisOptions patient = RedisOptions.defaults().withConnectTimeout(Duration.ofMinutes(1)); // a busy machine
            try (TaskQueue queue = TaskQueue.builder()
                    .broker(RedisBroker.connect(redis.uri(), patient))
                    .tasks(tasks)
                    .start()) {
                JobHandle<Receipt> job = queue.enqueue(MailTasks::sendEmail, "ada@example.com", "Welcome");
                assertThat(job.await(Duration.ofSeconds(60)).to()).isEqualTo("ada@example.com");
            }
        }
    }
    // endregion
}
