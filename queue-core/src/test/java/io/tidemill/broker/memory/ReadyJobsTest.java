package io.tidemill.broker.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.NewJob;
import io.tidemill.queue.Limits;
import io.tidemill.task.JobState;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReadyJobsTest {

    private final ReadyJobs ready = new ReadyJobs(group -> Limits.NONE);

    @Test
    void what_comes_back_goes_before_the_line_of_its_priority_in_the_order_of_the_ids() {
        ready.addLast(job("c", 4));
        ready.addLast(job("low", 0));
        ready.addFirst(List.of(back("b", 4), back("high", 9), back("a", 4)), job -> false);

        assertThat(ids(ready.inOrder())).containsExactly("high", "a", "b", "c", "low");
        assertThat(ids(ready.take(10, 0))).containsExactly("high", "a", "b", "c", "low");
        assertThat(ready.size()).isZero();
    }

    @Test
    void a_suspect_is_taken_alone() {
        StoredJob suspect = job("suspect", 4);
        suspect.lostLeases = 1;
        ready.addLast(job("a", 4));
        ready.addLast(suspect);
        ready.addLast(job("b", 4));

        assertThat(ids(ready.take(10, 0))).containsExactly("a");
        assertThat(ids(ready.take(10, 0))).containsExactly("suspect");
        assertThat(ids(ready.take(10, 0))).containsExactly("b");
        assertThat(ready.take(10, 0)).isEmpty();
    }

    /** Every job is taken or cancelled, in any mixture, and the size is right all the way. */
    @Test
    void cancelled_jobs_are_never_taken_listed_or_counted() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            List<StoredJob> live = new ArrayList<>();
            for (int step = 0; step < 2000; step++) {
                int dice = random.nextInt(10);
                if (dice < 4) {
                    StoredJob job = job("job-" + step, 4);
                    live.add(job);
                    ready.addLast(job);
                } else if (dice < 9 && !live.isEmpty()) {
                    live.remove(random.nextInt(live.size())).state = JobState.CANCELLED;
                    ready.endedOne();
                } else {
                    int count = random.nextInt(3);
                    List<StoredJob> first = List.copyOf(live.subList(0, Math.min(count, live.size())));
                    assertThat(ready.take(count, 0)).isEqualTo(first);
                    live.removeAll(first);
                }
                assertThat(ready.size()).isEqualTo(live.size());
            }
            assertThat(ready.inOrder()).isEqualTo(live);
            assertThat(ready.take(2000, 0)).isEqualTo(live);
        }
    }

    /** Would take minutes if each cancelled job cost a walk. */
    @Test
    void cancelling_a_long_line_from_its_end_is_quick() {
        List<StoredJob> jobs =
                IntStream.range(0, 500_000).mapToObj(i -> job("job-" + i, 4)).toList();
        jobs.forEach(ready::addLast);
        for (int i = jobs.size() - 1; i > 0; i--) {
            jobs.get(i).state = JobState.CANCELLED;
            ready.endedOne();
        }

        assertThat(ids(ready.take(10, 0))).containsExactly("job-0");
    }

    private static StoredJob job(String id, int priority) {
        return new StoredJob(NewJob.now(id, new byte[0], priority), 0);
    }

    private static StoredJob back(String id, int priority) {
        StoredJob job = job(id, priority);
        job.releases = 1;
        return job;
    }

    private static List<String> ids(List<StoredJob> jobs) {
        return jobs.stream().map(job -> job.id).toList();
    }
}
