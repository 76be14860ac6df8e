package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.Fill;
import io.tidemill.broker.FillReply;
import io.tidemill.broker.Followers;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.OutboxMessage;
import io.tidemill.broker.StepEnd;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.task.JobState;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. What follows a job of a workflow, and what is kept for other queues. */
public abstract class FollowersContract extends WaitingJobsContract {

    /** A job of a workflow that is claimed. */
    protected final Claim runningStep() {
        storedStep(job(newId(), 9), WorkflowJob.NONE);
        return claimOne();
    }

    protected final Completion.Succeeded followed(Claim claim, List<WorkflowJob> jobs, Fill... fills) {
        jobs.forEach(job -> known.add(job.job().id()));
        return succeeded(claim).following(new Followers(jobs, List.of(fills)));
    }

    protected final List<OutboxMessage> outbox() {
        return get(workflows().outbox(queue, 1000));
    }

    /** The messages, as texts. */
    protected final List<String> messages() {
        return outbox().stream()
                .map(message -> message.<String>match(
                        filling -> filling.fill().queue() + "/" + filling.fill().job() + "/"
                                + filling.fill().place() + "=" + valueOf(filling.fill()),
                        ended -> ended.job() + " " + ended.end() + " " + ended.member(),
                        ending -> ending.member() + " ended"))
                .toList();
    }

    private static String valueOf(Fill fill) {
        byte[] value = fill.value();
        return value == null ? "skipped" : new String(value, java.nio.charset.StandardCharsets.UTF_8);
    }

    private String ended(String id, StepEnd end) {
        return id + " " + end + " " + member(1);
    }

    @Nested
    class WhatFollows {

        @Test
        void a_completion_stores_the_jobs_that_follow_and_fills_places_of_its_queue() {
            String joins = waiting(2);
            Claim claim = runningStep();
            String next = newId();

            assertThat(complete(
                            followed(claim, List.of(step(job(next), 0)), value(joins, 0, "a"), value(joins, 1, "b"))))
                    .isEqualTo(CompletionReply.SETTLED);

            assertThat(ids(claim(10))).containsExactly(next, joins);
            assertThat(placesOf(joins)).containsExactly("a", "b");
            assertThat(find(claim.id())).isEmpty();
        }

        @Test
        void what_follows_may_wait_be_delayed_have_a_group_or_expire() {
            Claim claim = runningStep();
            String waits = newId();
            String later = newId();
            String grouped = newId();
            String late = newId();

            complete(followed(
                    claim,
                    List.of(
                            step(job(waits), 2),
                            step(job(later).after(LONG_MILLIS), 0),
                            step(job(grouped).with(JobConstraints.NONE.withGroup("g")), 0),
                            step(job(late).with(JobConstraints.NONE.withExpiresInMillis(SHORT_MILLIS)), 0)),
                    value(waits, 1, "x")));
            letItEnd();

            assertThat(stateOf(waits)).isEqualTo(JobState.WAITING);
            assertThat(stateOf(later)).isEqualTo(JobState.SCHEDULED);
            assertThat(ids(claim(10))).containsExactly(grouped);
            assertThat(stateOf(late)).isEqualTo(JobState.EXPIRED);
            assertThat(placesOf(waits)).containsExactly("EMPTY", "x");
        }

        @Test
        void jobs_that_follow_can_be_claimed_by_the_same_call() {
            Claim claim = runningStep();
            String next = newId();

            CompleteReply reply = get(broker().complete(
                            queue,
                            List.of(followed(claim, List.of(step(job(next), 0)))),
                            request(newId(), 5, LONG_MILLIS)));

            assertThat(reply.settled()).containsExactly(CompletionReply.SETTLED);
            assertThat(reply.claimed()).isNotNull();
            assertThat(ids(java.util.Objects.requireNonNull(reply.claimed()))).containsExactly(next);
        }

        @Test
        void completions_with_and_without_followers_go_together() {
            Claim plain = running();
            Claim step = runningStep();
            String next = newId();
            String result = running().id();

            List<CompletionReply> settled = get(broker().complete(
                                    queue,
                                    List.of(
                                            succeeded(plain),
                                            followed(step, List.of(step(job(next), 0))),
                                            new Completion.Succeeded("none", newId(), null, 0)),
                                    null))
                    .settled();

            assertThat(settled)
                    .containsExactly(CompletionReply.SETTLED, CompletionReply.SETTLED, CompletionReply.STALE);
            assertThat(ids(claim(10))).containsExactly(next);
            assertThat(counts().succeeded()).isEqualTo(2);
            assertThat(stateOf(result)).isEqualTo(JobState.ACTIVE);
        }

        @Test
        void the_result_of_a_job_is_kept_and_so_is_the_job() {
            Claim claim = runningStep();

            complete(new Completion.Succeeded(
                            claim.id(),
                            claim.token(),
                            bytes("42"),
                            LONG_MILLIS,
                            claim.receipt(),
                            new Completion.Keep(LONG_MILLIS, 10, 5))
                    .following(new Followers(List.of(), List.of(value("none", 0, "x")))));

            assertThat(found(claim.id()).result()).isEqualTo(bytes("42"));
            assertThat(ids(list(JobState.SUCCEEDED))).containsExactly(claim.id());
        }

        @Test
        void whoever_awaits_a_job_hears_of_its_end_also_when_others_follow() {
            Claim claim = runningStep();
            RecordingListener listener = new RecordingListener(patience());
            listen(null, listener);
            get(lookUp().find(queue, claim.id(), true));

            complete(followed(claim, List.of(step(job(newId()), 0))));

            listener.await("finished " + queue + " " + claim.id());
        }

        @Test
        void a_stale_completion_brings_nothing() {
            String joins = waiting(1);
            storedStep(job(newId(), 9), WorkflowJob.NONE);
            Claim claim = claimOne(SHORT_MILLIS);
            letItEnd();
            recover();
            String next = newId();

            assertThat(complete(followed(
                            claim, List.of(step(job(next), 0)), value(joins, 0, "x"), Fill.skipped("other", "j", 0))))
                    .isEqualTo(CompletionReply.STALE);

            assertThat(find(next)).isEmpty();
            assertThat(stateOf(joins)).isEqualTo(JobState.WAITING);
            assertThat(outbox()).isEmpty();
        }

        @Test
        void a_header_of_a_join_that_runs_twice_with_two_results_counts_once() {
            String joins = waiting(2);
            storedStep(job(newId(), 9), WorkflowJob.NONE);
            Claim first = claimOne(SHORT_MILLIS);
            letItEnd();
            recover();
            Claim second = claimOne();
            Claim other = runningStep();

            assertThat(second.id()).isEqualTo(first.id());
            assertThat(complete(followed(second, List.of(), value(joins, 0, "of the second run"))))
                    .isEqualTo(CompletionReply.SETTLED);
            assertThat(complete(followed(first, List.of(), value(joins, 0, "of the first run"))))
                    .isEqualTo(CompletionReply.STALE);
            assertThat(get(workflows().fill(queue, List.of(value(joins, 0, "of a late message")))))
                    .isEqualTo(List.of(FillReply.ALREADY));
            assertThat(stateOf(joins)).isEqualTo(JobState.WAITING);
            complete(followed(other, List.of(), value(joins, 1, "of the other")));

            assertThat(ids(claim(10))).containsExactly(joins);
            assertThat(placesOf(joins)).containsExactly("of the second run", "of the other");
            assertThat(claim(10).claims()).isEmpty();
        }

        @Test
        void a_completion_that_comes_twice_brings_its_followers_once() {
            Claim other = runningStep();
            Claim claim = runningStep();
            String next = newId();
            Completion.Succeeded run = followed(claim, List.of(step(job(next), 0)));

            complete(run);
            assertThat(complete(claimOne())).isEqualTo(CompletionReply.SETTLED);
            assertThat(complete(run)).isIn(CompletionReply.SETTLED, CompletionReply.STALE);

            assertThat(claim(10).claims()).isEmpty();
            complete(other);
        }

        @Test
        void a_job_whose_id_is_known_does_not_follow() {
            String there = waiting(2);
            Claim claim = runningStep();

            assertThat(complete(followed(claim, List.of(step(job(there), 0))))).isEqualTo(CompletionReply.SETTLED);

            assertThat(stateOf(there)).isEqualTo(JobState.WAITING);
            assertThat(counts().accepted()).isEqualTo(2);
        }

        @Test
        void nothing_follows_in_a_workflow_that_was_stopped_and_none_of_its_jobs_is_stored() {
            String joins = waiting(1);
            Claim claim = runningStep();
            String next = newId();

            get(workflows().stop(queue, WORKFLOW, LONG_MILLIS));
            assertThat(complete(followed(
                            claim, List.of(step(job(next), 0)), value(joins, 0, "x"), Fill.skipped("other", "j", 0))))
                    .isEqualTo(CompletionReply.SETTLED);

            assertThat(find(next)).isEmpty();
            assertThat(stateOf(joins)).isEqualTo(JobState.WAITING);
            assertThat(outbox()).isEmpty();
            String refused = newId();
            assertThat(store(null, step(job(refused), 0)).jobs()).containsExactly(new EnqueueReply.Superseded(refused));
        }

        @Test
        void a_stop_ends_with_its_time() {
            get(workflows().stop(queue, WORKFLOW, SHORT_MILLIS));
            letItEnd();

            Claim claim = runningStep();
            String next = newId();
            complete(followed(claim, List.of(step(job(next), 0))));

            assertThat(claimOne().id()).isEqualTo(next);
        }
    }

    @Nested
    class Outbox {

        @Test
        void a_place_in_another_queue_becomes_a_message_that_stays_until_it_was_delivered() {
            Claim claim = runningStep();
            complete(followed(
                    claim,
                    List.of(),
                    new Fill("other", "job 1!", 3, bytes("a b")),
                    Fill.skipped("third", "j", 0),
                    Fill.count("third", "j", 7)));

            assertThat(messages()).containsExactly("other/job 1!/3=a b", "third/j/0=skipped", "third/j/-1=7");
            List<Long> numbers = outbox().stream().map(OutboxMessage::number).toList();
            assertThat(numbers).isSorted().doesNotHaveDuplicates();
            assertThat(get(workflows().outbox(queue, 1))).hasSize(1);

            get(workflows().delivered(queue, List.of(numbers.get(0), numbers.get(2))));
            assertThat(messages()).containsExactly("third/j/0=skipped");
            get(workflows().delivered(queue, numbers));
            assertThat(outbox()).isEmpty();
        }

        @Test
        void no_number_comes_twice() {
            complete(followed(runningStep(), List.of(), Fill.skipped("other", "j", 0)));
            long first = outbox().get(0).number();
            get(workflows().delivered(queue, List.of(first)));

            complete(followed(runningStep(), List.of(), Fill.skipped("other", "j", 1)));

            assertThat(outbox().get(0).number()).isGreaterThan(first);
        }

        @Test
        void of_large_messages_fewer_come_but_at_least_one() {
            Fill[] fills = Stream.of(0, 1, 2)
                    .map(place -> new Fill("other", "j", place, new byte[900_000]))
                    .toArray(Fill[]::new);
            complete(followed(runningStep(), List.of(), fills));

            assertThat(outbox()).hasSize(1);
        }

        @Test
        void a_survey_says_whether_there_are_messages() {
            assertThat(get(sweeps().survey(List.of(queue))).get(0).outbox()).isFalse();

            complete(followed(runningStep(), List.of(), Fill.skipped("other", "j", 0)));

            assertThat(get(sweeps().survey(List.of(queue))).get(0).outbox()).isTrue();
        }

        @Test
        void each_end_without_success_leaves_a_message() {
            Claim dies = runningStep();
            die(dies);
            Claim cancels = runningStep();
            get(cancellation().cancel(queue, cancels.id()));
            release(cancels, 0);
            String cancelled = storedStep(job(newId()).after(LONG_MILLIS), 0);
            get(cancellation().cancel(queue, cancelled));
            String waits = waiting(1);
            get(operations().delete(queue, waits));
            get(operations().delete(queue, dies.id()));
            String purged = waiting(1);
            get(operations().purge(queue, JobState.WAITING, 10));

            assertThat(messages())
                    .containsExactly(
                            ended(dies.id(), StepEnd.DEAD),
                            ended(cancels.id(), StepEnd.CANCELLED),
                            ended(cancelled, StepEnd.CANCELLED),
                            ended(waits, StepEnd.REMOVED),
                            ended(dies.id(), StepEnd.REMOVED),
                            ended(purged, StepEnd.REMOVED));
        }

        @Test
        void so_does_a_job_whose_time_is_over_whose_leases_ended_too_often_or_that_is_trimmed() {
            String late = storedStep(
                    job(newId()).with(JobConstraints.NONE.withExpiresInMillis(SHORT_MILLIS)), WorkflowJob.NONE);
            letItEnd();
            claim(1);
            String lost = storedStep(job(newId()), WorkflowJob.NONE);
            claimOne(SHORT_MILLIS);
            letItEnd();
            recover(0);
            get(sweeps().trim(queue, 0, LONG_MILLIS, 10));

            assertThat(messages())
                    .containsExactly(
                            ended(late, StepEnd.EXPIRED), ended(lost, StepEnd.DEAD), ended(lost, StepEnd.REMOVED));
        }

        @Test
        void a_job_that_succeeds_or_is_tried_again_leaves_none() {
            Claim claim = runningStep();
            retry(claim, 0);
            letItEnd();
            release(claimOne(), 0);
            complete(claimOne());

            assertThat(outbox()).isEmpty();
        }
    }
}
