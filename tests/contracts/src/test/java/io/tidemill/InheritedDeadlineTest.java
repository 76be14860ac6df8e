package io.tidemill;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.TaskClient;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.JobState;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.test.TestQueue;
import io.tidemill.test.TestRun;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** That a job which a run enqueues may have to end before that run has to. */
class InheritedDeadlineTest {

    private static final Duration FOUR = Duration.ofSeconds(4);
    private static final Duration SIX = Duration.ofSeconds(6);

    private final List<JobHandle<?>> children = new ArrayList<>();
    private final List<Optional<Duration>> remaining = new ArrayList<>();
    private final List<PreparedJob> prepared = new ArrayList<>();
    private UnaryOperator<Call<Void>> choices = Call::inheritDeadline;
    private Duration then = Duration.ZERO;

    /** A run of ten seconds that enqueues a job after four, and jobs. */
    public final class Tasks {

        private final TaskClient client;

        Tasks(TaskClient client) {
            this.client = client;
        }

        private void enqueue(Call<Void> call) throws InterruptedException {
            queue.sleep(FOUR);
            children.add(client.enqueue(choices.apply(call)));
            queue.sleep(then);
        }

        @Task(timeout = "10s")
        public void parent() throws InterruptedException {
            enqueue(call(Tasks::child));
        }

        @Task(timeout = "10s")
        public void parentOfFailing() throws InterruptedException {
            enqueue(call(Tasks::failing));
        }

        @Task(timeout = "10s")
        public void parentOfSlow() throws InterruptedException {
            enqueue(call(Tasks::slow));
        }

        @Task(timeout = "10s")
        public void parentOfPrepared() {
            prepared.add(client.prepare(call(Tasks::child).inheritDeadline()));
        }

        @Task
        public void parentWithoutLimit() throws InterruptedException {
            enqueue(call(Tasks::child));
        }

        @Task
        public void child() {
            remaining.add(TaskContext.current().remaining());
        }

        @Task(timeout = "1h")
        public void failing() {
            remaining.add(TaskContext.current().remaining());
            throw new IllegalStateException("no");
        }

        @Task(timeout = "1h")
        public void slow() throws InterruptedException {
            queue.sleep(Duration.ofMinutes(30));
        }
    }

    private final TestQueue queue = TestQueue.builder()
            .tasks(client -> new Tasks(client))
            .configure(it -> it.concurrency(1))
            .start();

    @AfterEach
    void close() {
        queue.close();
    }

    private JobState stateOfChild() {
        queue.advance(Duration.ofHours(1));
        return children.get(0).state().orElse(JobState.SUCCEEDED);
    }

    @Test
    void a_job_has_what_is_left_of_the_run_that_enqueued_it() {
        queue.run(call(Tasks::parent));

        assertThat(stateOfChild()).isEqualTo(JobState.SUCCEEDED);
        assertThat(remaining).containsExactly(Optional.of(SIX));
    }

    @Test
    void a_job_that_does_not_ask_for_it_has_none() {
        choices = call -> call;
        queue.run(call(Tasks::parent));

        assertThat(stateOfChild()).isEqualTo(JobState.SUCCEEDED);
        assertThat(remaining).containsExactly(Optional.empty());
    }

    @Test
    void a_run_without_a_timeout_has_none_to_give() {
        queue.run(call(Tasks::parentWithoutLimit));

        assertThat(stateOfChild()).isEqualTo(JobState.SUCCEEDED);
        assertThat(remaining).containsExactly(Optional.empty());
    }

    @Test
    void time_that_the_job_waits_counts() {
        choices = call -> call.delay(Duration.ofSeconds(5)).inheritDeadline();
        queue.run(call(Tasks::parent));

        assertThat(stateOfChild()).isEqualTo(JobState.SUCCEEDED);
        assertThat(remaining).containsExactly(Optional.of(Duration.ofSeconds(1)));
    }

    @Test
    void an_instant_after_the_deadline_is_refused() {
        choices = call -> call.at(queue.now().plus(SIX)).inheritDeadline();
        TestRun<?> run = queue.run(call(Tasks::parent).maxAttempts(1));

        assertThat(run.thrown())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("never runs within the deadline that it inherits, of which 6 s are left");
    }

    @Test
    void a_delay_that_is_longer_is_refused() {
        choices = call -> call.delay(SIX).inheritDeadline();
        TestRun<?> run = queue.run(call(Tasks::parent).maxAttempts(1));

        assertThat(run.thrown())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a job with a delay of 6 s never runs within the deadline that it inherits, of which 6 s"
                        + " are left; leave out inheritDeadline() or the delay");
    }

    @Test
    void a_job_that_has_not_started_by_then_expires() {
        // The parent holds the only slot until it is interrupted.
        then = Duration.ofMinutes(1);
        queue.run(call(Tasks::parent).maxAttempts(1));

        queue.advance(Duration.ofMinutes(1));
        assertThat(queue.events())
                .filteredOn(QueueEvent.Expired.class::isInstance)
                .singleElement()
                .satisfies(expired -> assertThat(((QueueEvent.Expired) expired).jobId())
                        .isEqualTo(children.get(0).id()));
        assertThat(remaining).isEmpty();
    }

    @Test
    void a_run_that_takes_longer_is_interrupted() {
        queue.run(call(Tasks::parentOfSlow));

        assertThat(stateOfChild()).isEqualTo(JobState.DEAD);
        assertThat(queue.events())
                .filteredOn(QueueEvent.Died.class::isInstance)
                .singleElement()
                .satisfies(died ->
                        assertThat(((QueueEvent.Died) died).reason()).contains("ran longer than its timeout of 6 s"));
    }

    @Test
    void no_retry_comes_later() {
        queue.run(call(Tasks::parentOfFailing));

        assertThat(stateOfChild()).isEqualTo(JobState.DEAD);
        assertThat(remaining)
                .hasSizeBetween(2, 4)
                .allSatisfy(left -> assertThat(left.orElseThrow()).isBetween(Duration.ofMillis(1), SIX));
        assertThat(remaining).doesNotHaveDuplicates();
    }

    @Test
    void a_job_like_one_that_inherited_a_deadline_has_none() {
        queue.run(call(Tasks::parentOfPrepared));

        assertThat(new String(prepared.get(0).job().body(), StandardCharsets.UTF_8))
                .contains("\"deadline\":");
        assertThat(new String(queue.prepareLike(prepared.get(0), "like").job().body(), StandardCharsets.UTF_8))
                .doesNotContain("deadline");
    }
}
