package io.tidemill;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.client.JobFailedException;
import io.tidemill.client.JobHandle;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FirstJobTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    record Receipt(String to, int attempt) {}

    public static class MailTasks {
        final AtomicInteger flaky = new AtomicInteger();

        @Task(name = "send_email", queue = "mail", timeout = "30s")
        public Receipt sendEmail(String to, String subject) {
            return new Receipt(to, TaskContext.current().attempt());
        }

        @Task(retry = @Retry(maxAttempts = 3, delay = "10ms"))
        public List<Receipt> flaky(long n) {
            if (flaky.incrementAndGet() < n) {
                throw new IllegalStateException("not yet");
            }
            return List.of(new Receipt("x", TaskContext.current().attempt()));
        }

        @Task
        public void nothing() {}
    }

    @Test
    void a_job_runs_and_its_result_comes_back() throws Exception {
        Queue<QueueEvent> events = new ConcurrentLinkedQueue<>();
        try (TaskQueue queue =
                TaskQueue.builder().tasks(new MailTasks()).listener(events::add).start()) {
            JobHandle<Receipt> job = queue.enqueue(MailTasks::sendEmail, "ada@example.com", "Welcome");
            assertThat(job.await(SOON)).isEqualTo(new Receipt("ada@example.com", 1));
            JobHandle<List<Receipt>> flaky =
                    queue.enqueue(call(MailTasks::flaky, 3L).priority(8));
            assertThat(flaky.await(SOON)).containsExactly(new Receipt("x", 3));
            JobHandle<Void> nothing = queue.enqueue(MailTasks::nothing);
            assertThat(nothing.await(SOON)).isNull();
            JobHandle<List<Receipt>> dead = queue.enqueue(MailTasks::flaky, 100L);
            assertThatThrownBy(() -> dead.await(SOON)).isInstanceOf(JobFailedException.class);
        }
        System.out.println(events);
    }
}
