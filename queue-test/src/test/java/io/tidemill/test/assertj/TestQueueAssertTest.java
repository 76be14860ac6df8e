package io.tidemill.test.assertj;

import static io.tidemill.client.Call.call;
import static io.tidemill.client.TaskRef.task;
import static io.tidemill.test.assertj.TestQueueAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.task.Task;
import io.tidemill.test.TestQueue;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TestQueueAssertTest {

    /** Tasks that do nothing. */
    public static final class Mails {

        @Task(name = "send_mail")
        public void send(String to, int copies) {}

        @Task(name = "sweep")
        public void sweep() {}
    }

    @Test
    void whatWasEnqueuedIsFoundByAllThatIsSaidOfIt() {
        try (TestQueue queue = TestQueue.of(new Mails())) {
            queue.enqueue(Mails::send, "ada@example.org", 1);
            queue.enqueue(call(Mails::send, "ada@example.com", 1)
                    .delay(Duration.ofHours(1))
                    .priority(9)
                    .group("vip")
                    .unique("ada")
                    .header("tenant", "t1"));

            assertThat(queue)
                    .enqueued(task(Mails::send))
                    .withArguments("ada@example.com", 1)
                    .withDelay(Duration.ofHours(1))
                    .withPriority(9)
                    .inQueue("default")
                    .inGroup("vip")
                    .withUniqueKey("ada")
                    .withHeader("tenant", "t1")
                    .once();
            assertThat(queue).enqueued(task(Mails::send)).times(2);
            assertThat(queue).enqueuedNone(task(Mails::sweep));
            assertThat(assertThat(queue)
                            .enqueued(task(Mails::send))
                            .withDelay(Duration.ZERO)
                            .jobs())
                    .hasSize(1);
        }
    }

    @Test
    void anErrorListsEachJobAndInWhatItDiffers() {
        try (TestQueue queue = TestQueue.of(new Mails())) {
            queue.enqueue(Mails::send, "ada@example.org", 1);
            queue.enqueue(call(Mails::send, "ada@example.com", 1).delay(Duration.ofHours(1)));

            assertThatThrownBy(() -> assertThat(queue)
                            .enqueued(task(Mails::send))
                            .withArguments("ada@example.com", 1)
                            .withDelay(Duration.ofHours(2)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessage("expected a job of send_mail with [ada@example.com, 1] with delay 2 h; enqueued were:\n"
                            + "  send_mail [ada@example.org, 1] (differs: argument 1 is ada@example.org, delay 0 s)\n"
                            + "  send_mail [ada@example.com, 1] in 1 h (differs: delay 1 h)");
        }
    }

    @Test
    void anErrorSaysHowManyThereAreOrThatThereIsNone() {
        try (TestQueue queue = TestQueue.of(new Mails())) {
            assertThat(queue).enqueuedNone();
            assertThatThrownBy(() -> assertThat(queue).enqueued(task(Mails::sweep)))
                    .hasMessage("expected a job of sweep, but nothing was enqueued");

            queue.enqueue(Mails::send, "ada", 2);

            assertThatThrownBy(() -> assertThat(queue).enqueued(task(Mails::sweep)))
                    .hasMessage("expected a job of sweep, but enqueued were:\n  send_mail [ada, 2]");
            assertThatThrownBy(
                            () -> assertThat(queue).enqueued(task(Mails::send)).times(2))
                    .hasMessage("expected 2 jobs of send_mail, but there are 1; enqueued were:\n  send_mail [ada, 2]");
            assertThatThrownBy(
                            () -> assertThat(queue).enqueued(task(Mails::send)).withArguments("ada"))
                    .hasMessageContaining("(differs: 2 arguments instead of 1)");
            assertThatThrownBy(() -> assertThat(queue).enqueuedNone(task(Mails::send)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("expected no job of send_mail");
        }
    }
}
