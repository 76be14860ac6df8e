package io.tidemill.conformance;

import static io.tidemill.conformance.Counted.counted;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.NewJob;
import io.tidemill.task.Unique;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. Jobs that share a unique key, and those that replace each other. */
public abstract class UniqueKeysContract extends BrokerConstraintsContract {

    @Nested
    class Uniqueness {

        @Test
        void a_second_job_with_the_key_is_not_stored_and_learns_the_id_of_the_first() {
            String first = storedOne(unique(UNTIL_DONE));

            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(first));

            assertThat(counts()).isEqualTo(counted(1, 0, 0, 0, 1, 0, 0));
        }

        @Test
        void other_keys_and_jobs_without_one_are_stored() {
            storedOne(unique(UNTIL_DONE));

            storedOne(unique(Unique.untilDone("nudge:bob")));
            readyOne();

            assertThat(counts().ready()).isEqualTo(3);
        }

        @Test
        void a_key_belongs_to_its_queue() {
            storedOne(unique(UNTIL_DONE));

            assertThat(get(broker().enqueue(queue + "-other", List.of(unique(UNTIL_DONE)))))
                    .containsExactly(EnqueueReply.ACCEPTED);
        }

        @Test
        void one_of_fifty_threads_stores_its_job_and_the_others_learn_its_id() {
            List<Broker> processes =
                    Stream.generate(UniqueKeysContract.this::another).limit(10).toList();
            AtomicInteger turn = new AtomicInteger();

            List<EnqueueReply> replies = together(50, () -> {
                Broker process = processes.get(turn.getAndIncrement() % 10);
                synchronized (process) {
                    return enqueue(process, List.of(unique(UNTIL_DONE))).get(0);
                }
            });

            String winner = claimOne().id();
            assertThat(replies).containsOnlyOnce(EnqueueReply.ACCEPTED).hasSize(50);
            assertThat(replies.stream().filter(reply -> reply.equals(duplicateOf(winner))))
                    .hasSize(49);
            assertThat(counts().accepted()).isEqualTo(1);
        }

        @Test
        void a_job_whose_id_is_known_leaves_the_key_alone() {
            String known = readyOne();

            assertThat(enqueueOne(with(job(known), UNTIL_DONE))).isEqualTo(duplicateOf(known));

            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(EnqueueReply.ACCEPTED);
        }

        @Test
        void the_same_job_sent_again_is_a_duplicate_of_itself() {
            NewJob job = unique(UNTIL_DONE);
            storedOne(job);

            assertThat(enqueueOne(job)).isEqualTo(duplicateOf(job.id()));
        }

        @Test
        void a_key_twice_in_one_call_is_stored_once() {
            NewJob first = unique(UNTIL_DONE);
            NewJob plain = job(newId());
            NewJob second = unique(UNTIL_DONE);

            List<EnqueueReply> replies = enqueue(broker(), List.of(first, plain, second));

            assertThat(replies).containsExactly(EnqueueReply.ACCEPTED, EnqueueReply.ACCEPTED, duplicateOf(first.id()));
            assertThat(ids(claim(10))).containsExactly(first.id(), plain.id());
        }

        @Test
        void a_thousand_keys_fit_in_one_call() {
            List<NewJob> jobs = IntStream.range(0, Broker.MAX_BATCH)
                    .mapToObj(i -> unique(Unique.untilDone("key-" + i)))
                    .toList();
            stored(jobs);
            List<NewJob> again = IntStream.range(0, Broker.MAX_BATCH)
                    .mapToObj(i -> unique(Unique.untilDone("key-" + i)))
                    .toList();

            assertThat(enqueue(broker(), again))
                    .isEqualTo(jobs.stream().map(job -> duplicateOf(job.id())).toList());

            List<Claim> claims = claim(Broker.MAX_BATCH).claims();
            get(broker().complete(
                            queue, claims.stream().map(BrokerHarness::succeeded).toList(), null));
            assertThat(enqueue(broker(), again)).containsOnly(EnqueueReply.ACCEPTED);
        }
    }
}
