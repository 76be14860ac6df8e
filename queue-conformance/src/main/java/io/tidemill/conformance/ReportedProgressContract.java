package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobFailedException;
import io.tidemill.client.JobHandle;
import io.tidemill.message.AesGcmSeal;
import io.tidemill.queue.JobProgress;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.test.Waits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link TaskQueueContract}. What tasks say of their progress. */
public abstract class ReportedProgressContract extends BatchJobsContract {

    /** Tasks that say how far they have got. */
    public static class Telling {
        final CountDownLatch gate = new CountDownLatch(1);

        @Task(queue = "telling")
        public String halves() throws InterruptedException {
            TaskContext context = TaskContext.current();
            context.log("begun");
            context.progress(50, "half of it");
            gate.await();
            context.log("ended");
            context.progress(100, "all of it");
            return "done";
        }

        @Task(queue = "telling", retry = @Retry(maxAttempts = 2, delay = "1ms"))
        public void fails() {
            TaskContext context = TaskContext.current();
            context.log("run " + context.attempt());
            throw new IllegalStateException("every time");
        }

        @Task(queue = "telling")
        public String talks(int lines) {
            for (int i = 1; i <= lines; i++) {
                TaskContext.current().log("line " + i);
            }
            return "said";
        }

        @Task(queue = "telling")
        public String silent() {
            return "nothing";
        }
    }

    @Nested
    class Reported_progress {

        private final Telling tasks = new Telling();

        private List<String> lines(JobProgress progress) {
            return progress.lines().stream().map(JobProgress.LogLine::text).toList();
        }

        @Test
        void is_seen_while_the_job_runs_and_when_it_has_ended() throws InterruptedException {
            TaskQueue queue = queueWith(tasks);
            JobHandle<String> job = queue.enqueue(Telling::halves);
            // What is said within a second of the first line is sent a second after it.
            Waits.until(
                    "half of it is known",
                    () -> job.progress()
                            .filter(it -> it.percent().orElse(0) == 50)
                            .isPresent());
            assertThat(job.progress().orElseThrow().message()).isEqualTo("half of it");

            tasks.gate.countDown();

            assertThat(job.await(SOON)).isEqualTo("done");
            JobProgress end = job.progress().orElseThrow();
            assertThat(end.percent()).hasValue(100);
            assertThat(end.message()).isEqualTo("all of it");
            assertThat(lines(end)).containsExactly("begun", "ended");
            assertThat(queue.admin().progress("telling", job.id())).contains(end);
        }

        @Test
        void is_given_to_whoever_awaits_the_job_and_ends_with_the_last_state() throws InterruptedException {
            TaskQueue queue = queueWith(tasks);
            List<JobProgress> seen = new ArrayList<>();
            JobHandle<String> job = queue.enqueue(Telling::halves);

            String result = job.await(SOON, progress -> {
                seen.add(progress);
                if (progress.percent().orElse(0) == 50) {
                    tasks.gate.countDown();
                }
            });

            assertThat(result).isEqualTo("done");
            assertThat(seen.get(seen.size() - 1).percent()).hasValue(100);
            assertThat(seen).doesNotHaveDuplicates();
            assertThat(seen)
                    .extracting(progress -> progress.percent().orElse(-1))
                    .isSorted()
                    .contains(50);
        }

        @Test
        void stays_with_a_dead_job_and_has_the_lines_of_all_runs() throws InterruptedException {
            TaskQueue queue = queueWith(tasks);

            JobHandle<Void> job = queue.enqueue(Telling::fails);

            assertThatThrownBy(() -> job.await(SOON)).isInstanceOf(JobFailedException.class);
            JobProgress end = job.progress().orElseThrow();
            assertThat(lines(end)).containsExactly("run 1", "run 2");
            assertThat(end.attempt()).isEqualTo(2);
            assertThat(end.percent()).isEmpty();
        }

        @Test
        void has_the_newest_hundred_lines() throws InterruptedException {
            TaskQueue queue = queueWith(tasks);

            JobHandle<String> job = queue.enqueue(Telling::talks, 130);

            assertThat(job.await(SOON)).isEqualTo("said");
            JobProgress end = job.progress().orElseThrow();
            assertThat(lines(end)).hasSize(100).startsWith("line 31").endsWith("line 130");
            assertThat(end.linesBefore()).isEqualTo(30);
        }

        @Test
        void is_not_known_of_a_job_that_says_nothing() throws InterruptedException {
            TaskQueue queue = queueWith(tasks);

            JobHandle<String> job = queue.enqueue(Telling::silent);

            assertThat(job.await(SOON, progress -> {
                        throw new AssertionError("nothing was said");
                    }))
                    .isEqualTo("nothing");
            assertThat(job.progress()).isEmpty();
        }

        @Test
        void is_sealed_and_operators_see_the_numbers() throws InterruptedException {
            tasks.gate.countDown();
            TaskQueue queue = start(builder(tasks).seal(AesGcmSeal.of("key", new SecretKeySpec(new byte[32], "AES"))));

            JobHandle<String> job = queue.enqueue(Telling::halves);

            assertThat(job.await(SOON)).isEqualTo("done");
            assertThat(lines(job.progress().orElseThrow())).containsExactly("begun", "ended");
            JobProgress shown = queue.admin().progress("telling", job.id()).orElseThrow();
            assertThat(shown.percent()).hasValue(100);
            assertThat(shown.message()).isEqualTo("(sealed)");
            assertThat(shown.lines()).isEmpty();
        }
    }
}
