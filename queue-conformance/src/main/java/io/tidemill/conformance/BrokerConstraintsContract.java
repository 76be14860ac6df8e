package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.Inspection;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.broker.Reschedule;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import io.tidemill.task.Unique.Conflict;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. Jobs that have constraints, and ids, keys and groups of any text. */
public abstract class BrokerConstraintsContract extends KeptJobsContract {

    static final String KEY = "nudge:ada";

    static final Unique UNTIL_DONE = Unique.untilDone(KEY);
    static final Unique UNTIL_STARTED = Unique.untilStarted(KEY);
    static final Unique LONG_WINDOW = Unique.within(KEY, LONG);
    static final List<Unique> EVERY_SCOPE = List.of(
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

    static EnqueueReply replacing(String id) {
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
                assertThat(get(operations().reschedule(queue, Reschedule.after(id, 0))))
                        .isEqualTo(RescheduleReply.RESCHEDULED);
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
}
