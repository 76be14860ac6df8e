package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.NewJob;
import io.tidemill.task.JobState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. The order in which jobs are handed out. */
public abstract class OrderContract extends EnqueueContract {

    @Nested
    class Order {

        @Test
        void ten_thousand_jobs_come_first_in_first_out() {
            List<String> stored = new ArrayList<>();
            List<String> claimed = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                stored.addAll(ready(Broker.MAX_BATCH));
            }

            for (int i = 0; i < 20; i++) {
                List<Claim> claims = claim(500).claims();
                claims.forEach(claim -> claimed.add(claim.id()));
                get(broker().complete(
                                queue,
                                claims.stream().map(BrokerHarness::succeeded).toList(),
                                null));
            }

            assertThat(claimed).isEqualTo(stored);
        }

        @Test
        void higher_priorities_come_first_and_each_is_first_in_first_out() {
            List<NewJob> jobs = new ArrayList<>();
            for (int round = 0; round < 3; round++) {
                for (int priority = 0; priority <= 9; priority++) {
                    jobs.add(job(newId(), priority));
                }
            }
            Collections.shuffle(jobs, new Random(7));
            stored(jobs);
            List<String> expected = IntStream.iterate(9, p -> p >= 0, p -> p - 1)
                    .boxed()
                    .flatMap(p -> jobs.stream().filter(job -> job.priority() == p))
                    .map(NewJob::id)
                    .toList();

            assertThat(ids(list(JobState.READY))).isEqualTo(expected);
            assertThat(ids(claim(7))).isEqualTo(expected.subList(0, 7));
            assertThat(ids(claim(100))).isEqualTo(expected.subList(7, 30));
        }

        @Test
        void a_late_job_of_high_priority_overtakes() {
            String low = stored(List.of(job(newId(), 0))).get(0);
            String plain = readyOne();
            String high = stored(List.of(job(newId(), 9))).get(0);

            assertThat(List.of(claimOne().id(), claimOne().id(), claimOne().id()))
                    .containsExactly(high, plain, low);
        }

        @Test
        void jobs_due_at_the_same_moment_come_in_the_order_of_their_ids() {
            List<String> ids = newIds(20);
            List<String> shuffled = new ArrayList<>(ids);
            Collections.shuffle(shuffled, new Random(3));
            stored(shuffled.stream().map(id -> job(id).after(SHORT_MILLIS)).toList());

            assertThat(ids(list(JobState.SCHEDULED))).isEqualTo(ids);
            letItEnd();
            assertThat(ids(claim(100))).isEqualTo(ids);
        }

        @Test
        void delayed_jobs_come_in_the_order_in_which_they_are_due() {
            String late = newId();
            String early = newId();
            stored(List.of(job(late).after(SHORT_MILLIS), job(early).after(SHORT_MILLIS / 2)));
            letItEnd();

            assertThat(ids(claim(10))).containsExactly(early, late);
        }

        @Test
        void a_promoted_job_goes_behind_those_that_are_ready() {
            String delayed = delayed(1, SHORT_MILLIS).get(0);
            String ready = readyOne();
            letItEnd();

            assertThat(ids(claim(10))).containsExactly(ready, delayed);
        }

        @Test
        void a_promoted_job_keeps_its_priority() {
            String high = stored(List.of(job(newId(), 9).after(SHORT_MILLIS))).get(0);
            String ready = readyOne();
            letItEnd();

            assertThat(ids(claim(10))).containsExactly(high, ready);
        }

        @Test
        void a_retried_job_keeps_its_priority() {
            String high = stored(List.of(job(newId(), 8))).get(0);
            retry(claimOne(), 0);
            ready(3);
            letItEnd();

            Claim claim = claim(10).claims().get(0);

            assertThat(claim.id()).isEqualTo(high);
            assertThat(claim.priority()).isEqualTo(8);
        }

        @Test
        void a_recovered_job_keeps_its_priority() {
            String low = stored(List.of(job(newId(), 1))).get(0);
            claimOne(SHORT_MILLIS);
            String plain = readyOne();
            letItEnd();
            recover();

            assertThat(claimOne().id()).isEqualTo(plain);
            assertThat(claimOne().id()).isEqualTo(low);
        }
    }
}
