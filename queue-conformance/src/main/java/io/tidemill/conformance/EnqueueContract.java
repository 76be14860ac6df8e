package io.tidemill.conformance;

import static io.tidemill.conformance.Counted.counted;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.task.JobState;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. How jobs are stored. */
public abstract class EnqueueContract extends InOrderContract {

    @Nested
    class Enqueue {

        @Test
        void a_job_is_accepted_and_ready() {
            String id = newId();

            assertThat(enqueue(broker(), List.of(job(id)))).containsExactly(EnqueueReply.ACCEPTED);

            assertThat(stateOf(id)).isEqualTo(JobState.READY);
            assertThat(counts()).isEqualTo(counted(1, 0, 0, 0, 1, 0, 0));
        }

        @Test
        void replies_come_one_per_job_in_the_same_order() {
            String known = readyOne();
            String first = newId();
            String second = newId();

            List<EnqueueReply> replies = enqueue(broker(), List.of(job(first), job(known), job(second)));

            assertThat(replies).containsExactly(EnqueueReply.ACCEPTED, duplicateOf(known), EnqueueReply.ACCEPTED);
            assertThat(ids(claim(10))).containsExactly(known, first, second);
        }

        @Test
        void an_id_twice_in_one_call_is_stored_once() {
            String id = newId();

            List<EnqueueReply> replies = enqueue(broker(), List.of(job(id), job(id)));

            assertThat(replies).containsExactly(EnqueueReply.ACCEPTED, duplicateOf(id));
            assertThat(ids(claim(10))).containsExactly(id);
        }

        @Test
        void a_duplicate_changes_nothing_of_the_job_that_is_stored() {
            String id = readyOne();

            enqueue(broker(), List.of(NewJob.now(id, bytes("another body"), 9).after(LONG_MILLIS)));

            JobSnapshot job = found(id);
            assertThat(job.state()).isEqualTo(JobState.READY);
            assertThat(job.body()).isEqualTo(bytes("body of " + id));
            assertThat(job.priority()).isEqualTo(4);
            assertThat(counts().accepted()).isEqualTo(1);
        }

        @Test
        void an_id_is_known_while_its_job_is_scheduled_active_or_dead() {
            Claim active = running();
            Claim dead = running();
            die(dead);
            String scheduled = delayed(1, LONG_MILLIS).get(0);

            List<EnqueueReply> replies = enqueue(broker(), List.of(job(scheduled), job(active.id()), job(dead.id())));

            assertThat(replies)
                    .containsExactly(duplicateOf(scheduled), duplicateOf(active.id()), duplicateOf(dead.id()));
            assertThat(counts()).isEqualTo(counted(0, 1, 1, 1, 3, 0, 0));
        }

        @Test
        void an_id_is_known_while_its_result_is_kept() {
            Claim claim = running();
            complete(new Completion.Succeeded(claim.id(), claim.token(), bytes("42"), LONG_MILLIS));

            assertThat(enqueue(broker(), List.of(job(claim.id())))).containsExactly(duplicateOf(claim.id()));

            assertThat(stateOf(claim.id())).isEqualTo(JobState.SUCCEEDED);
        }

        @Test
        void an_id_is_known_after_its_job_was_cancelled() {
            String id = readyOne();
            get(cancellation().cancel(queue, id));

            assertThat(enqueue(broker(), List.of(job(id)))).containsExactly(duplicateOf(id));

            assertThat(claim(10).claims()).isEmpty();
        }

        @Test
        void an_id_is_free_again_after_a_success_without_a_result() {
            Claim claim = running();
            complete(claim);

            assertThat(enqueue(broker(), List.of(job(claim.id())))).containsExactly(EnqueueReply.ACCEPTED);

            assertThat(claimOne().id()).isEqualTo(claim.id());
        }

        @Test
        void an_id_is_free_again_after_its_result_has_expired() {
            Claim claim = running();
            complete(new Completion.Succeeded(claim.id(), claim.token(), bytes("42"), SHORT_MILLIS));
            letItEnd();

            assertThat(enqueue(broker(), List.of(job(claim.id())))).containsExactly(EnqueueReply.ACCEPTED);

            assertThat(claimOne().attempt()).isEqualTo(1);
        }

        @Test
        void a_job_with_a_delay_is_scheduled_and_not_claimable_before() {
            String id = delayed(1, LONG_MILLIS).get(0);

            ClaimReply reply = claim(10);

            assertThat(reply.claims()).isEmpty();
            assertThat(stateOf(id)).isEqualTo(JobState.SCHEDULED);
            assertThat(counts().scheduled()).isEqualTo(1);
        }

        @Test
        void a_job_with_a_time_in_the_past_is_ready() {
            String id = newId();

            stored(List.of(new NewJob(id, bytes("x"), 4, 0, 1)));

            assertThat(stateOf(id)).isEqualTo(JobState.READY);
        }

        @Test
        void a_job_with_a_time_in_the_future_is_scheduled_for_exactly_then() {
            long due = found(delayed(1, LONG_MILLIS).get(0)).timeMillis() + 7;
            String id = newId();

            stored(List.of(new NewJob(id, bytes("x"), 4, 0, due)));

            assertThat(stateOf(id)).isEqualTo(JobState.SCHEDULED);
            assertThat(found(id).timeMillis()).isEqualTo(due);
        }

        @Test
        void a_time_past_2038_is_kept_to_the_millisecond() {
            long due = 7_258_118_400_123L;
            String id = newId();

            stored(List.of(new NewJob(id, bytes("x"), 4, 0, due)));

            assertThat(found(id).timeMillis()).isEqualTo(due);
        }

        @Test
        void a_body_comes_back_byte_for_byte() {
            List<byte[]> bodies = List.of(everyByte(), bytes("žluťoučký 漢字 🚀"), new byte[0], new byte[100_000]);
            List<NewJob> jobs =
                    bodies.stream().map(body -> NewJob.now(newId(), body, 4)).toList();
            stored(jobs);

            List<Claim> claims = claim(10).claims();

            assertThat(claims).hasSameSizeAs(bodies);
            for (int i = 0; i < bodies.size(); i++) {
                assertThat(claims.get(i).body()).isEqualTo(bodies.get(i));
                assertThat(found(claims.get(i).id()).body()).isEqualTo(bodies.get(i));
            }
        }

        @Test
        void a_thousand_jobs_fit_in_one_call() {
            List<String> ids = ready(Broker.MAX_BATCH);

            assertThat(ids(claim(Broker.MAX_BATCH))).isEqualTo(ids);
        }

        @Test
        void queues_do_not_see_each_other() {
            readyOne();

            assertThat(get(broker().claim(queue + "-other", request(newId(), 10, LONG_MILLIS)))
                            .claims())
                    .isEmpty();
            assertThat(get(lists().counts(queue + "-other")).accepted()).isZero();
        }

        @Test
        void one_of_fifty_threads_stores_the_same_id() {
            String id = newId();
            List<Broker> processes =
                    Stream.generate(EnqueueContract.this::another).limit(10).toList();
            AtomicInteger turn = new AtomicInteger();

            List<EnqueueReply> replies = together(50, () -> {
                Broker process = processes.get(turn.getAndIncrement() % 10);
                // One caller sends one call after the other.
                synchronized (process) {
                    return enqueue(process, List.of(job(id))).get(0);
                }
            });

            assertThat(replies).containsOnlyOnce(EnqueueReply.ACCEPTED).hasSize(50);
            assertThat(counts().accepted()).isEqualTo(1);
        }
    }
}
