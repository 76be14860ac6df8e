package io.tidemill.conformance;

import static io.tidemill.broker.CompletionReply.SETTLED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.Completion;
import io.tidemill.broker.Subscription;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Broker} does, one group per hop. Extend it, make the broker, move its time, and run it with JUnit;
 * {@link BrokerHarness} says what a subclass must and may give.
 *
 * <p>It comes in parts, which extend one another, from {@link KeptJobsContract} over {@link BrokerConstraintsContract},
 * {@link UniqueKeysContract}, {@link ReplacementContract}, {@link HeldKeysContract}, {@link ExpiryContract},
 * {@link GroupsContract}, {@link GroupPlacesContract}, {@link GroupLimitsContract}, {@link QueueLimitsContract},
 * {@link InOrderContract}, {@link EnqueueContract}, {@link OrderContract}, {@link ClaimContract},
 * {@link CompletionContract}, {@link LeaseContract}, {@link SweepsContract}, {@link CancelContract},
 * {@link LookUpContract}, {@link ScheduleContract}, {@link FiringContract}, {@link WaitingJobsContract} and
 * {@link FollowersContract} to {@link WorkflowRecordsContract}. Here: what listeners hear, closing, and everything at
 * once. What a broker has no ability for is skipped, with the ability as reason.
 *
 * <p>After each test the harness checks through the port that every job is in exactly one place and none got lost.
 */
public abstract class BrokerContract extends WorkflowRecordsContract {

    @Nested
    class Listening {

        private final RecordingListener listener = new RecordingListener(patience());

        /** A worker that has found the queue empty and waits. */
        private void idleWorker() {
            listen("idle", listener);
            get(broker().claim(queue, new ClaimRequest("idle", newId(), 1, LONG_MILLIS)));
            listener.forget();
        }

        @Test
        void an_idle_worker_hears_of_a_new_job() {
            idleWorker();
            readyOne();
            listener.await("ready " + queue);
        }

        @Test
        void an_idle_worker_hears_of_a_job_stored_by_another_process() {
            Broker other = another();
            idleWorker();
            enqueue(other, List.of(job(newId())));
            listener.await("ready " + queue);
        }

        @Test
        void an_idle_worker_hears_of_promoted_jobs() {
            Duration delay = Duration.ofMillis(500);
            delayed(1, delay.toMillis());
            // Long enough that the worker finds the queue empty even on a slow machine.
            idleWorker();
            advance(delay);
            get(sweeps().promote(queue, 10));
            listener.await("ready " + queue);
        }

        @Test
        void an_idle_worker_hears_of_released_jobs() {
            Claim claim = running();
            idleWorker();
            release(claim, 0);
            listener.await("ready " + queue);
        }

        @Test
        void an_idle_worker_hears_of_recovered_jobs() {
            running(SHORT_MILLIS);
            idleWorker();
            letItEnd();
            recover();
            listener.await("ready " + queue);
        }

        @Test
        void an_idle_worker_hears_when_a_delayed_job_becomes_the_earliest() {
            delayed(1, 2 * LONG_MILLIS);
            idleWorker();
            delayed(1, LONG_MILLIS);
            listener.await("ready " + queue);
        }

        @Test
        void an_idle_worker_hears_when_a_retry_becomes_the_earliest() {
            Claim claim = running();
            idleWorker();
            retry(claim, LONG_MILLIS);
            listener.await("ready " + queue);
        }

        @Test
        void a_worker_hears_of_a_cancel_request() {
            Claim claim = running();
            listen("worker-" + claim.token(), listener);
            get(cancellation().cancel(queue, claim.id()));
            listener.await("cancelRequested " + queue + " " + claim.id());
        }

        @Test
        void a_client_hears_of_the_end_of_jobs_that_it_asked_about() {
            ready(3);
            List<Claim> claims = claim(3).claims();
            listen(null, listener);
            claims.forEach(claim -> get(lookUp().find(queue, claim.id(), true)));

            complete(claims.get(0));
            die(claims.get(1));
            fail(new Completion.Cancelled(claims.get(2).id(), claims.get(2).token()));

            claims.forEach(claim -> listener.await("finished " + queue + " " + claim.id()));
        }

        @Test
        void a_client_that_names_no_queue_hears_of_the_jobs_that_it_asked_about() {
            Claim claim = running();
            listenTo(null, Set.of(), listener);
            get(lookUp().find(queue, claim.id(), true));
            complete(new Completion.Succeeded(claim.id(), claim.token(), bytes("42"), LONG_MILLIS));
            listener.await("finished " + queue + " " + claim.id());
        }

        @Test
        void a_client_hears_of_a_job_that_is_cancelled_before_it_starts() {
            String ready = readyOne();
            String scheduled = delayed(1, LONG_MILLIS).get(0);
            listen(null, listener);
            for (String id : List.of(ready, scheduled)) {
                get(lookUp().find(queue, id, true));
                get(cancellation().cancel(queue, id));
                listener.await("finished " + queue + " " + id);
            }
        }

        @Test
        void a_client_hears_of_a_job_whose_leases_ended_too_often() {
            Claim claim = running(SHORT_MILLIS);
            listen(null, listener);
            get(lookUp().find(queue, claim.id(), true));
            letItEnd();
            recover(0);
            listener.await("finished " + queue + " " + claim.id());
        }

        @Test
        void the_end_of_a_retried_job_is_told_when_it_comes() {
            Claim claim = running();
            listen(null, listener);
            get(lookUp().find(queue, claim.id(), true));
            retry(claim, 0);
            complete(claimOne());
            listener.await("finished " + queue + " " + claim.id());
        }

        @Test
        void a_client_hears_of_nothing_but_finished_jobs() {
            Claim running = running();
            listen(null, listener);
            get(lookUp().find(queue, running.id(), true));
            readyOne();
            get(cancellation().cancel(queue, running.id()));
            complete(running);
            listener.await("finished " + queue + " " + running.id());
            assertThat(listener.heard()).containsOnly("finished " + queue + " " + running.id());
        }

        @Test
        void a_listener_that_throws_disturbs_nobody() {
            Claim claim = running();
            listen(null, new ThrowingListener());
            listen(null, listener);
            get(lookUp().find(queue, claim.id(), true));

            assertThat(complete(claim)).isEqualTo(SETTLED);

            listener.await("finished " + queue + " " + claim.id());
        }

        @Test
        void closing_a_subscription_twice_is_fine() {
            Subscription subscription = broker().listen("idle", Set.of(queue), listener);
            subscription.close();
            subscription.close();
        }
    }

    @Nested
    class Closing {

        @Test
        void a_closed_broker_refuses_every_call() {
            Stream.of(Ability.LEASES, Ability.SWEEPS, Ability.LOOK_UP, Ability.CANCEL, Ability.LISTS, Ability.LIMITS)
                    .forEach(BrokerContract.this::need);

            Broker closed = newBroker();
            closed.open();
            closed.close();

            List<CompletableFuture<?>> calls = List.of(
                    closed.enqueue(queue, List.of(job(newId()))),
                    closed.claim(queue, request(newId(), 1, LONG_MILLIS)),
                    closed.complete(queue, List.of(), request(newId(), 1, LONG_MILLIS)),
                    closed.fail(queue, List.of(new Completion.Dead(newId(), newId(), FAILURE))),
                    closed.release(queue, List.of(new Completion.Release(newId(), newId(), 0))),
                    closed.leases().extend(queue, List.of(newId()), LONG_MILLIS),
                    closed.sweeps().promote(queue, 1),
                    closed.sweeps().survey(List.of(queue)),
                    closed.sweeps().recover(queue, 1, 3, FAILURE),
                    closed.cancellation().cancel(queue, newId()),
                    closed.lookUp().find(queue, newId(), false),
                    closed.lists().counts(queue),
                    closed.lists().list(queue, JobState.READY, 0, 1),
                    closed.limits().limit(queue, LimitScope.QUEUE, null),
                    closed.limits().limits(queue));

            assertThat(calls)
                    .allSatisfy(call -> assertThatThrownBy(() -> get(call))
                            .isInstanceOfSatisfying(
                                    BrokerException.class,
                                    e -> assertThat(e.outcome()).isEqualTo(BrokerException.Outcome.REFUSED)));
        }

        @Test
        void closing_twice_is_fine() {
            Broker closed = newBroker();
            closed.open();
            closed.close();
            closed.close();
        }
    }

    @Nested
    class Storm {

        /** Eight workers do everything that workers do, at random; then the invariants must hold and every job end. */
        @Test
        void whatever_eight_workers_do_together_no_job_is_lost_or_run_by_two() {
            int jobs = 1000;
            Set<String> stored = new HashSet<>(ready(jobs));

            List<List<String>> completed = together(8, () -> work(another(), newId()));

            List<String> all = completed.stream().flatMap(List::stream).toList();
            assertThat(all).doesNotHaveDuplicates();
            assertThat(stored).containsAll(all);
            QueueCounts counts = counts();
            assertThat(counts.succeeded()).isEqualTo(all.size());
            assertThat(counts.succeeded() + counts.dead() + counts.cancelled()).isEqualTo(jobs);
        }

        private List<String> work(Broker broker, String seed) {
            Random random = new Random(seed.hashCode());
            List<String> completed = new ArrayList<>();
            while (true) {
                List<Claim> claims = get(broker.claim(queue, request(newId(), 5, LONG_MILLIS)))
                        .claims();
                if (claims.isEmpty()) {
                    return completed;
                }
                for (Claim claim : claims) {
                    int dice = random.nextInt(20);
                    if (dice == 0) {
                        get(broker.fail(queue, List.of(new Completion.Dead(claim.id(), claim.token(), FAILURE))));
                    } else if (dice == 1) {
                        get(broker.fail(queue, List.of(new Completion.Cancelled(claim.id(), claim.token()))));
                    } else if (dice < 4) {
                        get(broker.fail(queue, List.of(new Completion.Retry(claim.id(), claim.token(), 0, FAILURE))));
                    } else if (dice < 6) {
                        get(broker.release(queue, List.of(new Completion.Release(claim.id(), claim.token(), 0))));
                    } else {
                        get(broker.complete(queue, List.of(succeeded(claim)), null));
                        completed.add(claim.id());
                    }
                }
            }
        }
    }

    private static final class ThrowingListener implements BrokerListener {

        @Override
        public void ready(String queue) {
            throw new IllegalStateException("a listener that throws");
        }

        @Override
        public void finished(String queue, String id) {
            throw new IllegalStateException("a listener that throws");
        }

        @Override
        public void cancelRequested(String queue, String id) {
            throw new IllegalStateException("a listener that throws");
        }
    }
}
