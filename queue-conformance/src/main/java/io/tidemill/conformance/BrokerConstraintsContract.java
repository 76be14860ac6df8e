package io.tidemill.conformance;

import static io.tidemill.broker.CompletionReply.SETTLED;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.Inspection;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import io.tidemill.task.Unique.Conflict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The part of the {@link BrokerContract} that is about jobs with a {@link JobConstraints}: unique keys and expiry. */
public abstract class BrokerConstraintsContract extends KeptJobsContract {

    private static final String KEY = "nudge:ada";

    private static final Unique UNTIL_DONE = Unique.untilDone(KEY);
    private static final Unique UNTIL_STARTED = Unique.untilStarted(KEY);
    private static final Unique LONG_WINDOW = Unique.within(KEY, LONG);
    private static final List<Unique> EVERY_SCOPE = List.of(
            Unique.untilDone("done-key"), Unique.untilStarted("started-key"), Unique.within("window-key", LONG));

    protected static NewJob with(NewJob job, Unique unique) {
        return job.with(job.constraints().withUnique(unique));
    }

    protected static NewJob unique(Unique unique) {
        return with(job(newId()), unique);
    }

    protected static NewJob expiring(long millis) {
        return job(newId()).with(JobConstraints.NONE.withExpiresInMillis(millis));
    }

    protected final EnqueueReply enqueueOne(NewJob job) {
        return enqueue(broker(), List.of(job)).get(0);
    }

    protected final String storedOne(NewJob job) {
        return stored(List.of(job)).get(0);
    }

    protected final List<String> expire() {
        return named(get(sweeps().expire(queue, 100)));
    }

    private static EnqueueReply replacing(String id) {
        return new EnqueueReply.Accepted(id);
    }

    @Nested
    class Constraints {

        @Test
        void jobs_with_and_without_constraints_are_claimed_with_their_bodies() {
            String plain = readyOne();
            String grouped = storedOne(job(newId()).with(JobConstraints.NONE.withGroup("tenant-7")));

            List<Claim> claims = claim(10).claims();

            assertThat(claims).extracting(Claim::id).containsExactly(plain, grouped);
            assertThat(claims.get(0).body()).isEqualTo(bytes("body of " + plain));
            assertThat(claims.get(1).body()).isEqualTo(bytes("body of " + grouped));
        }

        @Test
        void a_job_with_constraints_passes_through_every_state_with_its_body_and_failure() {
            byte[] body = everyByte();
            JobConstraints constraints =
                    new JobConstraints(Unique.untilDone("k".repeat(128)), "g".repeat(128), LONG_MILLIS);
            String id = storedOne(NewJob.now(newId(), body, 7).with(constraints));

            fail(new Completion.Retry(id, claimOne().token(), 0, everyByte()));
            release(claimOne(), 0);
            Claim claim = claimOne(SHORT_MILLIS);
            letItEnd();
            assertThat(named(recover().recovered())).containsExactly(id);
            Claim last = claimOne();

            assertThat(claim.body()).isEqualTo(body);
            assertThat(last.body()).isEqualTo(body);
            assertThat(last.priority()).isEqualTo(7);
            assertThat(last.attempt()).isEqualTo(4);
            assertThat(found(id).failure()).isEqualTo(everyByte());
            die(last);
            assertThat(found(id).body()).isEqualTo(body);
            assertThat(found(id).failure()).isEqualTo(FAILURE);
        }
    }

    @Nested
    class AnyText {

        private static final List<String> TEXTS = List.of(
                "two words",
                " ",
                "nudge:ada@example.com",
                "!0 50% {a} '*' \\",
                "Größe 42 €",
                "注文/7",
                "go\uD83D\uDE80",
                "ü".repeat(256));

        @Test
        void is_an_id_through_the_whole_life_of_a_job() {
            RecordingListener listener = new RecordingListener(patience());
            listen(null, listener);
            for (String id : TEXTS) {
                assertThat(enqueueOne(job(id))).isEqualTo(EnqueueReply.ACCEPTED);
                assertThat(enqueueOne(job(id))).isEqualTo(duplicateOf(id));
                get(lookUp().find(queue, id, true));
                assertThat(ids(list(JobState.READY))).containsExactly(id);
                Claim claim = claimOne();
                assertThat(claim.id()).isEqualTo(id);
                assertThat(retry(claim, LONG_MILLIS)).isEqualTo(CompletionReply.SETTLED);
                assertThat(stateOf(id)).isEqualTo(JobState.SCHEDULED);
                assertThat(get(operations().reschedule(queue, id, 0))).isTrue();
                Claim again = claimOne();
                assertThat(get(operations().leases(queue, 10)).get(0).jobs()).containsExactly(id);
                assertThat(die(again)).isEqualTo(CompletionReply.SETTLED);
                assertThat(get(operations().redrive(queue, List.of(Redrive.now(id)))))
                        .containsExactly(RedriveReply.REDRIVEN);
                assertThat(complete(claimOne())).isEqualTo(CompletionReply.SETTLED);
                listener.await("finished " + queue + " " + id);
            }
        }

        @Test
        void is_an_id_of_a_job_that_is_recovered_cancelled_or_deleted() {
            for (String id : TEXTS) {
                storedOne(job(id));
                claimOne(SHORT_MILLIS);
                letItEnd();
                assertThat(named(recover().recovered())).containsExactly(id);
                Claim claim = claimOne();
                assertThat(get(cancellation().cancel(queue, id))).isEqualTo(CancelReply.REQUESTED);
                assertThat(get(leases().extend(queue, List.of(claim.token()), LONG_MILLIS)))
                        .containsExactly(new ExtendReply(true, Set.of(id)));
                assertThat(complete(claim)).isEqualTo(CompletionReply.SETTLED);
            }
            for (String text : TEXTS) {
                String id = text.length() < 200 ? text + "2" : text.substring(1) + "2";
                storedOne(job(id).after(LONG_MILLIS));
                assertThat(get(operations().delete(queue, id))).isEqualTo(DeleteReply.DELETED);
            }
        }

        @Test
        void is_a_unique_key() {
            for (String key : TEXTS) {
                NewJob first = unique(Unique.untilDone(key));
                storedOne(first);

                assertThat(enqueueOne(unique(Unique.untilDone(key)))).isEqualTo(duplicateOf(first.id()));
                assertThat(found(first.id()).constraints().key()).isEqualTo(key);

                assertThat(complete(claimOne())).isEqualTo(CompletionReply.SETTLED);
                storedOne(unique(Unique.untilDone(key)));
                claimOne();
            }
        }

        @Test
        void names_the_other_job_in_the_answer_to_a_second_one() {
            for (String id : TEXTS) {
                Unique key = Unique.untilDone("key of " + id.length() + id.hashCode());
                storedOne(with(job(id).after(LONG_MILLIS), key));

                assertThat(enqueueOne(unique(key))).isEqualTo(duplicateOf(id));
                assertThat(enqueueOne(unique(key.onConflict(Conflict.RESCHEDULE))))
                        .isEqualTo(new EnqueueReply.Rescheduled(id));
                assertThat(enqueueOne(unique(key.onConflict(Conflict.REPLACE)))).isIn(replacing(id), duplicateOf(id));
            }
        }

        @Test
        void is_a_group_with_its_turns_and_its_limit() {
            for (String group : TEXTS) {
                get(limits().limit(queue, LimitScope.group(group), Limits.of(List.of(Limit.concurrency(1)))));
                NewJob first = job(newId()).with(JobConstraints.NONE.withGroup(group));
                NewJob second = job(newId()).with(JobConstraints.NONE.withGroup(group));
                stored(List.of(first, second));
                assertThat(found(first.id()).constraints().group()).isEqualTo(group);

                Claim claim = claimOne();
                assertThat(claim.id()).isEqualTo(first.id());
                assertThat(claim(10).claims()).isEmpty();
                assertThat(get(operations().inspect(queue, second.id()))
                                .orElseThrow()
                                .heldUp())
                        .isEqualTo(new Inspection.HeldUp(group, 0));
                complete(claim);
                Claim next = claimOne();
                assertThat(next.id()).isEqualTo(second.id());
                complete(next);
            }
            assertThat(get(limits().limits(queue)).overrides()).containsOnlyKeys(TEXTS);
        }

        @Test
        void is_in_the_order_of_its_code_points_where_times_are_equal() {
            List<String> ordered =
                    List.of(" b", "!b", "0", "a", "a b", "a!b", "ab", "ü", "注文", "\uFFFD", "\uD83D\uDE80");
            List<String> reversed = new ArrayList<>(ordered);
            Collections.reverse(reversed);
            stored(reversed.stream().map(id -> job(id).after(SHORT_MILLIS)).toList());
            letItEnd();

            assertThat(ids(claim(ordered.size()))).isEqualTo(ordered);
        }
    }

    @Nested
    class Uniqueness {

        @Test
        void a_second_job_with_the_key_is_not_stored_and_learns_the_id_of_the_first() {
            String first = storedOne(unique(UNTIL_DONE));

            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(first));

            assertThat(counts()).isEqualTo(new QueueCounts(1, 0, 0, 0, 1, 0, 0));
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
            List<Broker> processes = Stream.generate(BrokerConstraintsContract.this::another)
                    .limit(10)
                    .toList();
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

        @Test
        void a_key_is_held_while_the_job_is_delayed_or_runs_or_waits_for_another_try() {
            String id = storedOne(unique(UNTIL_DONE).after(SHORT_MILLIS));
            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(id));
            letItEnd();
            Claim claim = claimOne();
            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(id));
            retry(claim, LONG_MILLIS);
            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(id));
        }

        @Test
        void a_key_is_held_over_a_release_and_a_recovery() {
            String id = storedOne(unique(UNTIL_DONE));
            release(claimOne(), 0);
            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(id));
            claimOne(SHORT_MILLIS);
            letItEnd();
            recover();
            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(id));
        }

        @Test
        void a_key_is_free_after_a_success() {
            storedOne(unique(UNTIL_DONE));
            complete(claimOne());

            storedOne(unique(UNTIL_DONE));
        }

        @Test
        void a_key_is_free_after_a_success_with_a_result() {
            storedOne(unique(UNTIL_DONE));
            Claim claim = claimOne();
            complete(Completion.Succeeded.of(claim, bytes("42"), LONG_MILLIS));

            storedOne(unique(UNTIL_DONE));
        }

        @Test
        void a_key_is_free_for_a_job_that_is_stored_after_a_completion_that_claimed_more() {
            storedOne(unique(UNTIL_DONE));
            storedOne(unique(Unique.untilStarted("other")));
            Claim first = claimOne();

            CompleteReply reply =
                    get(broker().complete(queue, List.of(succeeded(first)), request(newId(), 10, LONG_MILLIS)));

            assertThat(Objects.requireNonNull(reply.claimed()).claims()).hasSize(1);
            storedOne(unique(UNTIL_DONE));
            storedOne(unique(Unique.untilStarted("other")));
        }

        @Test
        void a_key_is_free_once_the_job_is_dead() {
            for (Unique unique : EVERY_SCOPE) {
                storedOne(unique(unique));
                die(claimOne());

                storedOne(unique(unique));
                claimOne();
            }
        }

        @Test
        void a_key_is_free_once_the_job_is_dead_of_ended_leases() {
            for (Unique unique : EVERY_SCOPE) {
                storedOne(unique(unique));
                claimOne(SHORT_MILLIS);
                letItEnd();
                assertThat(named(recover(0).dead())).hasSize(1);

                storedOne(unique(unique));
                claimOne();
            }
        }

        @Test
        void a_key_is_free_once_the_ready_job_is_cancelled() {
            for (Unique unique : EVERY_SCOPE) {
                String id = storedOne(unique(unique));
                assertThat(get(cancellation().cancel(queue, id))).isEqualTo(CancelReply.CANCELLED);

                String next = storedOne(unique(unique));

                assertThat(ids(claim(10))).containsExactly(next);
            }
        }

        @Test
        void a_key_is_free_once_the_delayed_job_is_cancelled() {
            for (Unique unique : EVERY_SCOPE) {
                String id = storedOne(unique(unique).after(LONG_MILLIS));
                get(cancellation().cancel(queue, id));

                storedOne(unique(unique));
                claimOne();
            }
        }

        @Test
        void a_key_is_free_once_the_run_ended_as_cancelled() {
            for (Unique unique : EVERY_SCOPE) {
                storedOne(unique(unique));
                Claim claim = claimOne();
                fail(new Completion.Cancelled(claim.id(), claim.token()));

                storedOne(unique(unique));
                claimOne();
            }
        }

        @Test
        void a_key_is_free_once_a_released_or_recovered_job_turns_out_to_be_cancelled() {
            String released = storedOne(unique(UNTIL_DONE));
            Claim claim = claimOne();
            get(cancellation().cancel(queue, released));
            release(claim, 0);
            String recovered = storedOne(unique(UNTIL_DONE));
            claimOne(SHORT_MILLIS);
            get(cancellation().cancel(queue, recovered));
            letItEnd();
            recover();

            storedOne(unique(UNTIL_DONE));

            assertThat(counts().cancelled()).isEqualTo(2);
        }

        @Test
        void a_key_is_held_while_a_running_job_is_only_asked_to_be_cancelled() {
            String id = storedOne(unique(UNTIL_DONE));
            Claim claim = claimOne();
            assertThat(get(cancellation().cancel(queue, id))).isEqualTo(CancelReply.REQUESTED);

            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(id));

            complete(claim);
        }

        @Test
        void a_stale_completion_does_not_free_the_key() {
            String id = storedOne(unique(UNTIL_DONE));
            Claim stale = claimOne(SHORT_MILLIS);
            letItEnd();
            recover();
            complete(stale);

            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(id));
        }

        @Test
        void a_job_that_ends_leaves_a_key_alone_that_another_holds_by_now() {
            storedOne(unique(UNTIL_STARTED));
            Claim first = claimOne();
            String second = storedOne(unique(UNTIL_STARTED));

            complete(first);

            assertThat(enqueueOne(unique(UNTIL_STARTED))).isEqualTo(duplicateOf(second));
        }

        @Test
        void until_it_is_started_a_key_is_held_and_then_free() {
            String first = storedOne(unique(UNTIL_STARTED));
            assertThat(enqueueOne(unique(UNTIL_STARTED))).isEqualTo(duplicateOf(first));
            claimOne();

            String second = storedOne(unique(UNTIL_STARTED));

            assertThat(claimOne().id()).isEqualTo(second);
        }

        @Test
        void a_retry_does_not_take_back_a_key_that_was_held_until_the_start() {
            String first = storedOne(unique(UNTIL_STARTED));
            Claim claim = claimOne();
            String second = storedOne(unique(UNTIL_STARTED));
            retry(claim, 0);

            assertThat(ids(claim(10))).containsExactlyInAnyOrder(first, second);
            storedOne(unique(UNTIL_STARTED));
        }

        @Test
        void a_window_holds_the_key_past_a_success() {
            String id = storedOne(unique(LONG_WINDOW));
            complete(claimOne());

            assertThat(enqueueOne(unique(LONG_WINDOW))).isEqualTo(duplicateOf(id));
            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(id));
            assertThat(enqueueOne(unique(LONG_WINDOW.onConflict(Conflict.REPLACE))))
                    .isEqualTo(duplicateOf(id));
            assertThat(enqueueOne(unique(LONG_WINDOW.onConflict(Conflict.RESCHEDULE))))
                    .isEqualTo(duplicateOf(id));
        }

        @Test
        void a_window_shorter_than_the_delay_holds_the_key_until_after_the_job_was_due() {
            Unique window = Unique.within(KEY, Duration.ofMillis(SHORT_MILLIS));
            String id = storedOne(unique(window).after(LONG_MILLIS));
            letItEnd();

            assertThat(enqueueOne(unique(window).after(LONG_MILLIS))).isEqualTo(duplicateOf(id));
        }

        @Test
        void a_window_goes_along_when_its_job_is_rescheduled_to_a_later_time() {
            Unique window = Unique.within(KEY, Duration.ofMillis(SHORT_MILLIS));
            String id = storedOne(unique(window).after(1));
            String other = storedOne(job(newId())
                    .with(JobConstraints.NONE.withUnique(Unique.within("other", window.window())))
                    .after(1));
            assertThat(enqueueOne(unique(window.onConflict(Conflict.RESCHEDULE)).after(LONG_MILLIS)))
                    .isEqualTo(new EnqueueReply.Rescheduled(id));
            assertThat(get(operations().reschedule(queue, other, LONG_MILLIS))).isTrue();
            letItEnd();

            assertThat(enqueueOne(unique(window))).isEqualTo(duplicateOf(id));
            assertThat(enqueueOne(
                            job(newId()).with(JobConstraints.NONE.withUnique(Unique.within("other", window.window())))))
                    .isEqualTo(duplicateOf(other));
        }

        @Test
        void a_window_that_went_along_ends_with_its_job_and_not_the_key_of_one_that_replaces_it() {
            Unique window = Unique.within(KEY, Duration.ofMillis(SHORT_MILLIS));
            String first = storedOne(unique(window).after(1));
            NewJob later = unique(window.onConflict(Conflict.RESCHEDULE)).after(SHORT_MILLIS);
            NewJob last = unique(UNTIL_DONE.onConflict(Conflict.REPLACE)).after(LONG_MILLIS);

            assertThat(enqueue(broker(), List.of(later, last)))
                    .containsExactly(new EnqueueReply.Rescheduled(first), new EnqueueReply.Accepted(first));
            advance(Duration.ofMillis(3 * SHORT_MILLIS));

            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(last.id()));
        }

        @Test
        void a_window_does_not_reach_a_later_job_with_the_id_of_the_first() {
            String id = storedOne(unique(LONG_WINDOW));
            complete(claimOne());
            storedOne(job(id).after(LONG_MILLIS));

            assertThat(enqueueOne(unique(LONG_WINDOW.onConflict(Conflict.RESCHEDULE))))
                    .isEqualTo(duplicateOf(id));
            assertThat(enqueueOne(unique(LONG_WINDOW.onConflict(Conflict.REPLACE))))
                    .isEqualTo(duplicateOf(id));

            assertThat(stateOf(id)).isEqualTo(JobState.SCHEDULED);
            assertThat(found(id).timeMillis()).isPositive();
        }

        @Test
        void a_window_ends_by_its_time_whatever_the_job_does() {
            storedOne(unique(Unique.within(KEY, Duration.ofMillis(SHORT_MILLIS))));
            letItEnd();

            String second = storedOne(unique(UNTIL_DONE));
            complete(claimOne());

            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(second));
        }

        @Test
        void a_ready_job_is_replaced() {
            String first = storedOne(unique(UNTIL_DONE));
            String other = readyOne();
            NewJob second = unique(UNTIL_DONE.onConflict(Conflict.REPLACE));

            assertThat(enqueueOne(second)).isEqualTo(replacing(first));

            assertThat(stateOf(first)).isEqualTo(JobState.CANCELLED);
            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(second.id()));
            assertThat(ids(claim(10))).containsExactly(other, second.id());
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 2, 0, 3, 0, 1));
        }

        @Test
        void a_delayed_job_is_replaced() {
            String first = storedOne(unique(UNTIL_DONE).after(LONG_MILLIS));
            NewJob second = unique(UNTIL_DONE.onConflict(Conflict.REPLACE)).after(LONG_MILLIS);

            assertThat(enqueueOne(second)).isEqualTo(replacing(first));

            assertThat(stateOf(first)).isEqualTo(JobState.CANCELLED);
            assertThat(stateOf(second.id())).isEqualTo(JobState.SCHEDULED);
            assertThat(counts()).isEqualTo(new QueueCounts(0, 1, 0, 0, 2, 0, 1));
        }

        @Test
        void a_job_that_waits_for_another_try_is_replaced() {
            String first = storedOne(unique(UNTIL_DONE));
            retry(claimOne(), LONG_MILLIS);
            NewJob second = unique(UNTIL_DONE.onConflict(Conflict.REPLACE));

            assertThat(enqueueOne(second)).isEqualTo(replacing(first));

            assertThat(ids(claim(10))).containsExactly(second.id());
        }

        @Test
        void a_running_job_is_not_replaced() {
            String first = storedOne(unique(UNTIL_DONE));
            Claim claim = claimOne();

            assertThat(enqueueOne(unique(UNTIL_DONE.onConflict(Conflict.REPLACE))))
                    .isEqualTo(duplicateOf(first));

            assertThat(stateOf(first)).isEqualTo(JobState.ACTIVE);
            assertThat(complete(claim)).isEqualTo(SETTLED);
        }

        @Test
        void a_job_replaced_in_a_window_begins_a_new_one() {
            String first = storedOne(unique(LONG_WINDOW).after(LONG_MILLIS));
            NewJob second = unique(LONG_WINDOW.onConflict(Conflict.REPLACE));
            assertThat(enqueueOne(second)).isEqualTo(replacing(first));
            complete(claimOne());

            assertThat(enqueueOne(unique(LONG_WINDOW))).isEqualTo(duplicateOf(second.id()));
        }

        @Test
        void whoever_awaits_a_replaced_job_hears_of_its_end() {
            RecordingListener listener = new RecordingListener(patience());
            listen(null, listener);
            String first = storedOne(unique(UNTIL_DONE));
            get(lookUp().find(queue, first, true));

            enqueueOne(unique(UNTIL_DONE.onConflict(Conflict.REPLACE)));

            listener.await("finished " + queue + " " + first);
        }

        @Test
        void of_three_in_one_call_the_last_replaces_the_others() {
            Unique replace = UNTIL_DONE.onConflict(Conflict.REPLACE);
            String before = storedOne(unique(UNTIL_DONE));
            List<NewJob> jobs = List.of(unique(replace), unique(replace).after(LONG_MILLIS), unique(replace));

            List<EnqueueReply> replies = enqueue(broker(), jobs);

            assertThat(replies)
                    .containsExactly(
                            replacing(before),
                            replacing(jobs.get(0).id()),
                            replacing(jobs.get(1).id()));
            assertThat(ids(claim(10))).containsExactly(jobs.get(2).id());
            assertThat(stateOf(jobs.get(0).id())).isEqualTo(JobState.CANCELLED);
            assertThat(stateOf(jobs.get(1).id())).isEqualTo(JobState.CANCELLED);
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 1, 0, 4, 0, 3));
        }

        @Test
        void a_job_is_stored_though_one_with_its_id_was_refused_in_the_same_call() {
            String holder = storedOne(unique(UNTIL_DONE));
            NewJob refused = unique(UNTIL_DONE);

            List<EnqueueReply> replies = enqueue(broker(), List.of(refused, job(refused.id()), job(refused.id())));

            assertThat(replies).containsExactly(duplicateOf(holder), EnqueueReply.ACCEPTED, duplicateOf(refused.id()));
            assertThat(ids(claim(10))).containsExactly(holder, refused.id());
        }

        @Test
        void a_delayed_job_is_rescheduled_and_keeps_its_body() {
            String first = storedOne(unique(UNTIL_DONE).after(LONG_MILLIS));
            long due = found(first).timeMillis();

            EnqueueReply reply = enqueueOne(
                    unique(UNTIL_DONE.onConflict(Conflict.RESCHEDULE)).after(3 * LONG_MILLIS));

            assertThat(reply).isEqualTo(new EnqueueReply.Rescheduled(first));
            assertThat(found(first).timeMillis()).isGreaterThanOrEqualTo(due + 2 * LONG_MILLIS);
            assertThat(found(first).body()).isEqualTo(bytes("body of " + first));
            assertThat(counts()).isEqualTo(new QueueCounts(0, 1, 0, 0, 1, 0, 0));
        }

        @Test
        void a_delayed_job_may_be_rescheduled_to_now() {
            String first = storedOne(unique(UNTIL_DONE).after(LONG_MILLIS));

            assertThat(enqueueOne(unique(UNTIL_DONE.onConflict(Conflict.RESCHEDULE))))
                    .isEqualTo(new EnqueueReply.Rescheduled(first));

            assertThat(claimOne().id()).isEqualTo(first);
        }

        @Test
        void a_job_that_is_not_delayed_is_not_rescheduled() {
            Unique reschedule = UNTIL_DONE.onConflict(Conflict.RESCHEDULE);
            String first = storedOne(unique(UNTIL_DONE));

            assertThat(enqueueOne(unique(reschedule).after(LONG_MILLIS))).isEqualTo(duplicateOf(first));
            assertThat(stateOf(first)).isEqualTo(JobState.READY);
            claimOne();
            assertThat(enqueueOne(unique(reschedule).after(LONG_MILLIS))).isEqualTo(duplicateOf(first));
        }

        @Test
        void a_job_is_rescheduled_by_one_behind_it_in_the_same_call() {
            Unique reschedule = UNTIL_DONE.onConflict(Conflict.RESCHEDULE);
            NewJob first = unique(UNTIL_DONE).after(LONG_MILLIS);

            List<EnqueueReply> replies =
                    enqueue(broker(), List.of(first, unique(reschedule).after(5 * LONG_MILLIS)));

            assertThat(replies).containsExactly(EnqueueReply.ACCEPTED, new EnqueueReply.Rescheduled(first.id()));
            assertThat(claim(10).moreInMillis()).isGreaterThan(2 * LONG_MILLIS);
        }

        @Test
        void a_worker_that_waits_hears_of_a_job_that_was_rescheduled_to_an_earlier_time() {
            String first = storedOne(unique(UNTIL_DONE).after(2 * LONG_MILLIS));
            RecordingListener listener = new RecordingListener(patience());
            listen("worker-waits", listener);
            claim("waits", 10, LONG_MILLIS);

            enqueueOne(unique(UNTIL_DONE.onConflict(Conflict.RESCHEDULE)));

            listener.await("ready " + queue);
            assertThat(claimOne().id()).isEqualTo(first);
        }
    }

    @Nested
    class Expiry {

        @Test
        void a_ready_job_that_has_not_started_in_time_never_runs() {
            String late = storedOne(expiring(SHORT_MILLIS));
            String plain = readyOne();
            letItEnd();

            ClaimReply reply = claim(10);

            assertThat(ids(reply)).containsExactly(plain);
            assertThat(named(reply.expired())).containsExactly(late);
            assertThat(stateOf(late)).isEqualTo(JobState.EXPIRED);
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 1, 0, 2, 0, 0, 1, 0));
        }

        @Test
        void a_claim_beside_a_completion_leaves_out_late_jobs_too() {
            Claim running = running();
            String late = storedOne(expiring(SHORT_MILLIS));
            String plain = readyOne();
            letItEnd();

            ClaimReply reply = Objects.requireNonNull(
                    get(broker().complete(queue, List.of(succeeded(running)), request(newId(), 10, LONG_MILLIS)))
                            .claimed());

            assertThat(ids(reply)).containsExactly(plain);
            assertThat(named(reply.expired())).containsExactly(late);
            assertThat(find(running.id())).isEmpty();
        }

        @Test
        void a_job_that_starts_in_time_runs() {
            storedOne(expiring(LONG_MILLIS));

            assertThat(complete(claimOne())).isEqualTo(SETTLED);

            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 1, 1, 0));
        }

        @Test
        void a_job_that_has_started_expires_no_more() {
            String id = storedOne(expiring(SHORT_MILLIS));
            Claim claim = claimOne();
            letItEnd();
            assertThat(expire()).isEmpty();
            retry(claim, 0);

            assertThat(expire()).isEmpty();
            Claim second = claimOne();
            assertThat(second.id()).isEqualTo(id);
            release(second, 0);
            Claim third = claimOne(SHORT_MILLIS);
            letItEnd();
            recover();

            assertThat(third.id()).isEqualTo(id);
            assertThat(claimOne().id()).isEqualTo(id);
        }

        @Test
        void a_sweep_ends_ready_jobs_that_nobody_claims() {
            String late = storedOne(expiring(SHORT_MILLIS));
            String plain = readyOne();
            letItEnd();

            assertThat(expire()).containsExactly(late);

            assertThat(stateOf(late)).isEqualTo(JobState.EXPIRED);
            assertThat(ids(list(JobState.READY))).containsExactly(plain);
            assertThat(counts()).isEqualTo(new QueueCounts(1, 0, 0, 0, 2, 0, 0, 1, 0));
            ClaimReply reply = claim(10);
            assertThat(ids(reply)).containsExactly(plain);
            assertThat(named(reply.expired())).isEmpty();
        }

        @Test
        void a_sweep_ends_delayed_jobs() {
            NewJob late = expiring(SHORT_MILLIS).after(LONG_MILLIS);
            storedOne(late);
            letItEnd();

            assertThat(expire()).containsExactly(late.id());

            assertThat(stateOf(late.id())).isEqualTo(JobState.EXPIRED);
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 1, 0, 0, 1, 0));
        }

        @Test
        void those_that_a_sweep_or_a_claim_ends_are_told_with_the_beginning_of_their_records() {
            NewJob ready = expiring(SHORT_MILLIS - 5);
            NewJob delayed = expiring(SHORT_MILLIS).after(LONG_MILLIS);
            storedOne(ready);
            storedOne(delayed);
            letItEnd();
            List<JobBrief> swept = get(sweeps().expire(queue, 2));
            NewJob claimed = expiring(SHORT_MILLIS);
            storedOne(claimed);
            letItEnd();

            assertBrief(claim(10).expired().get(0), claimed.id(), claimed.body(), 0, 0, 0);
            assertBrief(swept.get(0), ready.id(), ready.body(), 0, 0, 0);
            assertBrief(swept.get(1), delayed.id(), delayed.body(), 0, 0, 0);
        }

        @Test
        void a_sweep_ends_no_more_than_asked_for_and_those_first_that_were_late_first() {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                ids.add(storedOne(expiring(SHORT_MILLIS - 5 + i)));
            }
            storedOne(expiring(LONG_MILLIS));
            letItEnd();

            assertThat(named(get(sweeps().expire(queue, 3)))).hasSize(3).isSubsetOf(ids);
            assertThat(named(get(sweeps().expire(queue, 3)))).hasSize(2).isSubsetOf(ids);
            assertThat(expire()).isEmpty();
            assertThat(counts().ready()).isEqualTo(1);
        }

        @Test
        void an_expired_id_is_remembered() {
            String late = storedOne(expiring(SHORT_MILLIS));
            letItEnd();
            expire();

            assertThat(enqueueOne(job(late))).isEqualTo(duplicateOf(late));
        }

        @Test
        void an_expired_job_is_not_cancelled_again() {
            String late = storedOne(expiring(SHORT_MILLIS));
            letItEnd();
            expire();

            assertThat(get(cancellation().cancel(queue, late))).isEqualTo(CancelReply.NOT_FOUND);
            assertThat(stateOf(late)).isEqualTo(JobState.EXPIRED);
        }

        @Test
        void a_cancelled_job_does_not_expire_as_well() {
            String ready = storedOne(expiring(SHORT_MILLIS));
            String scheduled = storedOne(expiring(SHORT_MILLIS).after(LONG_MILLIS));
            get(cancellation().cancel(queue, ready));
            get(cancellation().cancel(queue, scheduled));
            letItEnd();

            assertThat(expire()).isEmpty();

            assertThat(named(claim(10).expired())).isEmpty();
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 2, 0, 2));
        }

        @Test
        void an_expired_job_frees_its_key() {
            for (Unique unique : EVERY_SCOPE) {
                storedOne(with(expiring(SHORT_MILLIS), unique));
                letItEnd();
                expire();
                storedOne(with(expiring(SHORT_MILLIS), unique));
                letItEnd();
                claim(10);

                storedOne(with(expiring(LONG_MILLIS), unique));
                claimOne();
            }
            assertThat(counts().expired()).isEqualTo(2L * EVERY_SCOPE.size());
        }

        @Test
        void a_replaced_job_does_not_expire_as_well() {
            storedOne(with(expiring(SHORT_MILLIS), UNTIL_DONE));
            storedOneReplacing(with(expiring(SHORT_MILLIS).after(1), UNTIL_DONE.onConflict(Conflict.REPLACE)));
            NewJob last = unique(UNTIL_DONE.onConflict(Conflict.REPLACE));
            storedOneReplacing(last);
            letItEnd();

            assertThat(expire()).isEmpty();
            assertThat(ids(claim(10))).containsExactly(last.id());
        }

        private void storedOneReplacing(NewJob job) {
            assertThat(enqueueOne(job)).isInstanceOf(EnqueueReply.Accepted.class);
        }

        @Test
        void whoever_awaits_an_expired_job_hears_of_its_end() {
            RecordingListener listener = new RecordingListener(patience());
            listen(null, listener);
            String swept = storedOne(expiring(SHORT_MILLIS));
            get(lookUp().find(queue, swept, true));
            letItEnd();
            expire();
            listener.await("finished " + queue + " " + swept);

            String claimed = storedOne(expiring(SHORT_MILLIS));
            get(lookUp().find(queue, claimed, true));
            letItEnd();
            claim(10);
            listener.await("finished " + queue + " " + claimed);
        }

        @Test
        void many_late_jobs_at_the_front_do_not_hide_the_one_behind_them() {
            stored(IntStream.range(0, 400).mapToObj(i -> expiring(SHORT_MILLIS)).toList());
            String plain = readyOne();
            letItEnd();

            assertThat(claimOne().id()).isEqualTo(plain);

            assertThat(counts().expired()).isEqualTo(400);
        }
    }
}
