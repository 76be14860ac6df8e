package io.tidemill.examples.engreene.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.event.QueueEvent;
import io.tidemill.task.TaskSignal;
import io.tidemill.test.TestQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JobQueueServiceTest {

    /** What the jobs of these tests carry. */
    public record Note(String text, int times) {}

    private final JobQueueService jobs = new JobQueueService();
    private final List<String> ran = new ArrayList<>();
    private TestQueue queue;

    private void start() {
        queue = TestQueue.builder().configure(jobs::configure).start();
        jobs.attach(queue, queue.admin());
    }

    @AfterEach
    void stop() {
        if (queue != null) {
            queue.close();
        }
    }

    @Test
    void runsTheHandlerOfTheType() {
        List<QueuedJob<Note>> seen = new ArrayList<>();
        jobs.registerHandler("note", Note.class, seen::add);
        jobs.registerHandler("other", Note.class, job -> ran.add("other"));
        start();

        String id = jobs.addJob("note", new Note("hello", 2));
        queue.runUntilIdle();

        assertThat(seen).containsExactly(new QueuedJob<>(id, "note", new Note("hello", 2), 1));
        assertThat(ran).isEmpty();
    }

    @Test
    void dataMayBeAMap() {
        jobs.registerHandler("note", Note.class, job -> ran.add(job.data().toString()));
        start();

        jobs.addJob("note", Map.of("text", "hello", "times", 2));
        queue.runUntilIdle();

        assertThat(ran).containsExactly("Note[text=hello, times=2]");
    }

    @Test
    void aHandlerMayGiveAResult() throws Exception {
        jobs.registerHandler(
                "double", Note.class, Integer.class, job -> job.data().times() * 2);
        start();

        Object result =
                jobs.handle("double", new Note("", 21), AddOptions.DEFAULT).await(Duration.ofSeconds(1));

        assertThat(result).isEqualTo(42);
    }

    @Test
    void aHigherPriorityRunsFirst() {
        jobs.registerHandler("note", Note.class, job -> ran.add(job.data().text()));
        start();

        jobs.addJob("note", new Note("usual 1", 0));
        jobs.addJob("note", new Note("last", 0), AddOptions.priority(0));
        jobs.addJob("note", new Note("usual 2", 0));
        jobs.addJob("note", new Note("five", 0), AddOptions.priority(5));
        jobs.addJob("note", new Note("first", 0), AddOptions.priority(9));
        queue.runUntilIdle();

        assertThat(ran).containsExactly("first", "five", "usual 1", "usual 2", "last");
    }

    @Test
    void aDelayedJobWaits() {
        jobs.registerHandler("note", Note.class, job -> ran.add(job.data().text()));
        start();

        String id =
                jobs.addJob("note", new Note("later", 0), AddOptions.priority(5).delay(Duration.ofSeconds(1)));
        queue.advance(Duration.ofMillis(999));

        assertThat(ran).isEmpty();
        assertThat(jobs.getJob(id)).map(JobStatus::state).contains("delayed");
        queue.advance(Duration.ofMillis(1));
        assertThat(ran).containsExactly("later");
    }

    @Test
    void waitsTwiceAsLongAfterEachFailure() {
        jobs.registerHandler("note", Note.class, job -> {
            ran.add(String.valueOf(job.attempt()));
            throw new IllegalStateException("no luck");
        });
        start();

        String id = jobs.addJob("note", new Note("", 0), AddOptions.DEFAULT.attempts(5));
        queue.advance(Duration.ofMinutes(1));

        assertThat(ran).containsExactly("1", "2", "3", "4", "5");
        List<Duration> waits = queue.events().stream()
                .filter(QueueEvent.Retrying.class::isInstance)
                .map(event -> ((QueueEvent.Retrying) event).delay())
                .toList();
        assertThat(waits).hasSize(4);
        for (int i = 0; i < waits.size(); i++) {
            Duration longest = Duration.ofMillis(250L << i);
            assertThat(waits.get(i)).isBetween(longest.dividedBy(2), longest);
        }
        assertThat(jobs.getJob(id)).contains(new JobStatus(id, "note", "failed", 4, 5, "no luck"));
    }

    @Test
    void saysWhereAJobIs() {
        List<String> states = new ArrayList<>();
        jobs.registerHandler("note", Note.class, job -> {
            states.add(jobs.getJob(job.id()).orElseThrow().state());
            if (job.attempt() == 1) {
                throw new IllegalStateException("once");
            }
        });
        start();
        String id = jobs.addJob("note", new Note("", 0));

        states.add(jobs.getJob(id).orElseThrow().state());
        queue.runUntilIdle();
        states.add(jobs.getJob(id).orElseThrow().state());
        assertThat(jobs.getJob(id).orElseThrow().error()).isEqualTo("once");
        queue.advance(Duration.ofSeconds(1));
        states.add(jobs.getJob(id).orElseThrow().state());

        assertThat(states).containsExactly("waiting", "active", "delayed", "active", "completed");
        assertThat(jobs.getJob("another")).isEmpty();
    }

    @Test
    void countsJobsByState() {
        jobs.registerHandler("note", Note.class, job -> {
            if (job.data().times() == 0) {
                throw new TaskSignal.GiveUp("zero");
            }
        });
        start();
        jobs.addJob("note", new Note("", 0));
        jobs.addJob("note", new Note("", 1));
        jobs.addJob("note", new Note("", 2));
        queue.runUntilIdle();
        jobs.addJob("note", new Note("", 3));
        jobs.addJob("note", new Note("", 4), AddOptions.after(Duration.ofHours(1)));

        assertThat(jobs.getStats()).isEqualTo(new JobStats(1, 1, 0, 0, 1, 2, 5));
    }

    @Test
    void aJobWithAnIdIsAddedOnce() {
        jobs.registerHandler("note", Note.class, job -> ran.add(job.data().text()));
        start();

        jobs.addJob("note", new Note("one", 0), AddOptions.DEFAULT.id("order-1"));
        jobs.addJob("note", new Note("two", 0), AddOptions.DEFAULT.id("order-1"));
        queue.runUntilIdle();

        assertThat(ran).containsExactly("one");
    }

    @Test
    void refusesWhatNoHandlerCouldRead() {
        jobs.declare("note", Note.class);
        start();

        assertThatThrownBy(() -> jobs.addJob("nope", Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no job type 'nope'; there are [note]");
        assertThatThrownBy(() -> jobs.addJob("note", "text"))
                .hasMessage("jobs of type 'note' carry a Note or a map, not a String");
        assertThatThrownBy(() -> jobs.addJob("note", Map.of("txet", "hello")))
                .hasMessageStartingWith("not the data of a job of type 'note': ")
                .hasMessageContaining("txet");
        assertThat(jobs.getStats().added()).isZero();
    }

    @Test
    void handlersAreFixedAtTheStart() {
        jobs.declare("note", Note.class);

        assertThatThrownBy(() -> jobs.addJob("note", Map.of())).hasMessage("the job queue has not started");
        assertThatThrownBy(() -> jobs.declare("note", Note.class)).hasMessage("job type 'note' is known already");
        start();
        assertThatThrownBy(() -> jobs.registerHandler("more", Note.class, job -> {}))
                .isInstanceOf(IllegalStateException.class);
    }
}
