package io.tidemill.docs;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.docs.MailTasks.Receipt;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.Limit;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisOptions;
import io.tidemill.task.JobState;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Runs the Java of docs/coming-from.md, whose text {@link DocumentsTest} compares. */
class ComingFromExamplesIT {

    private final Mailer mailer = (messageId, to, subject) -> {};

    @Test
    void from_celery() {
        try (TaskQueue queue = TaskQueue.builder().tasks(new MailTasks(mailer)).start()) {
            // region: from-celery
            JobHandle<Receipt> job = queue.enqueue(call(MailTasks::sendEmail, "ada@example.com", "Hi") // apply_async
                    .delay(Duration.ofSeconds(60)) // countdown=60
                    .expiresIn(Duration.ofHours(1)) // expires=3600
                    .priority(8) // priority=8
                    .id("welcome:ada")); // task_id="welcome:ada"
            JobHandle<Object> again = queue.job("mail", "welcome:ada"); // AsyncResult("welcome:ada")
            CancelReply reply = again.cancel(); // revoke(terminate=True)
            // endregion
            assertThat(reply).isEqualTo(CancelReply.CANCELLED);
            assertThat(job.state()).contains(JobState.CANCELLED);
        }
    }

    @Test
    void from_bullmq() throws Exception {
        RedisOptions options = RedisOptions.defaults().withPrefix("coming-from");
        // region: from-bullmq
        TaskQueue queue = TaskQueue.builder() // new Queue("mail") and new Worker("mail", processor) in one
                .broker(RedisBroker.connect(Docs.REDIS, options)) // connection, prefix
                .tasks(new MailTasks(mailer)) // processor: one method per job name
                .concurrency(20) // concurrency: 20
                .limit("mail", Limit.rate(100, Duration.ofSeconds(1))) // limiter: { max: 100, duration: 1000 }
                .start();
        JobHandle<Receipt> job = queue.enqueue(call(MailTasks::sendEmail, "ada@example.com", "Welcome") // add
                .id("welcome-1") // jobId
                .maxAttempts(3) // attempts: 3
                .unique("welcome:ada", Duration.ofDays(1))); // deduplication: { id, ttl }
        Receipt receipt = job.await(Duration.ofSeconds(10)); // job.waitUntilFinished(queueEvents, 10000)
        // endregion
        try (queue) {
            assertThat(receipt.to()).isEqualTo("ada@example.com");
        }
    }
}
