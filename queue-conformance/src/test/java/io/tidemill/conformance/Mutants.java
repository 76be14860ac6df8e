package io.tidemill.conformance;

import static io.tidemill.conformance.Counted.counted;
import static io.tidemill.task.Unique.Scope.UNTIL_DONE;
import static io.tidemill.task.Unique.Scope.UNTIL_STARTED;
import static io.tidemill.task.Unique.Scope.WINDOW;

import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.RecoverReply;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.broker.Subscription;
import io.tidemill.broker.Survey;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Brokers that are wrong in one way each, as a broker could well be. */
final class Mutants {

    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration ZERO = Duration.ZERO;

    /**
     * A wrong broker.
     *
     * @param mutation what makes a right one wrong
     * @param caughtBy a test that must fail on it
     */
    record Mutant(String name, Function<Broker, Broker> mutation, String caughtBy) {

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Mutant> all() {
        return List.of(
                new Mutant(
                        "a stale token is accepted",
                        StaleTokenAccepted::new,
                        "a_stale_token_after_a_recovery_changes_nothing"),
                new Mutant(
                        "a job is kept until its result is forgotten, and no longer",
                        broker -> new KeepsOtherwise(broker, keep -> null),
                        "a_kept_job_is_found_with_everything_that_its_record_says"),
                new Mutant(
                        "a queue keeps more jobs than it should",
                        broker -> new KeepsOtherwise(
                                broker, keep -> new Completion.Keep(keep.millis(), Long.MAX_VALUE, keep.ranMillis())),
                        "only_the_newest_are_kept"),
                new Mutant("last in, first out", LastInFirstOut::new, "ten_thousand_jobs_come_first_in_first_out"),
                new Mutant(
                        "priority is ignored",
                        PriorityIgnored::new,
                        "higher_priorities_come_first_and_each_is_first_in_first_out"),
                new Mutant(
                        "a lease never ends",
                        LeaseNeverEnds::new,
                        "a_job_whose_lease_ended_is_ready_again_and_one_lost_lease_is_counted"),
                new Mutant(
                        "what is gone is taken for a success",
                        GoneMeansSucceeded::new,
                        "a_job_that_was_deleted_is_not_taken_for_one_that_succeeded"),
                new Mutant(
                        "a lease ends at once",
                        LeaseEndsAtOnce::new,
                        "a_claimed_job_is_not_claimable_until_its_lease_ends"),
                new Mutant(
                        "jobs get lost on recovery",
                        LostOnRecovery::new,
                        "a_job_whose_lease_ended_is_ready_again_and_one_lost_lease_is_counted"),
                new Mutant(
                        "sweeps tell nothing of the record",
                        SweptWithoutRecord::new,
                        "those_that_come_back_and_those_that_die_are_told_with_their_counts_and_the_beginning_of_their_records"),
                new Mutant(
                        "a duplicate is accepted", DuplicateAccepted::new, "one_of_fifty_threads_stores_the_same_id"),
                new Mutant(
                        "a retried job loses its priority",
                        RetryLosesPriority::new,
                        "a_retried_job_keeps_its_priority"),
                new Mutant(
                        "a release counts a failure",
                        ReleaseCountsAFailure::new,
                        "a_released_job_is_ready_and_no_failure_is_counted"),
                new Mutant(
                        "lost leases are not counted",
                        LostLeasesNotCounted::new,
                        "a_job_whose_lease_ended_is_ready_again_and_one_lost_lease_is_counted"),
                new Mutant(
                        "delayed jobs run early",
                        DelayedRunsEarly::new,
                        "a_job_with_a_delay_is_scheduled_and_not_claimable_before"),
                new Mutant("cancelling is ignored", CancelIgnored::new, "a_scheduled_job_is_cancelled_and_never_runs"),
                new Mutant(
                        "completing twice counts twice",
                        CompleteCountsTwice::new,
                        "completing_again_under_a_token_that_stands_is_settled_and_counts_once"),
                new Mutant("results are lost", ResultLost::new, "a_result_is_kept"),
                new Mutant(
                        "a late copy of a claim claims anew",
                        LateCopyClaims::new,
                        "a_late_copy_of_a_claim_whose_jobs_were_completed_takes_nothing"),
                new Mutant(
                        "a claim that another has overtaken is taken for a late copy",
                        OvertakenIsLate::new,
                        "claims_that_overtake_one_another_are_all_answered"),
                new Mutant(
                        "a repeated claim takes more",
                        RepeatedClaimTakesMore::new,
                        "a_claim_asked_twice_answers_with_what_the_token_holds"),
                new Mutant(
                        "a repeated claim says that nothing waits",
                        RepeatedClaimSaysNothingWaits::new,
                        "a_claim_asked_twice_says_to_look_again_for_what_waits"),
                new Mutant(
                        "the second of two with one id is never stored",
                        TwinIsNeverStored::new,
                        "a_job_is_stored_though_one_with_its_id_was_refused_in_the_same_call"),
                new Mutant(
                        "a lost lease is reported alive", LostLeaseReportedAlive::new, "a_recovered_lease_has_ended"),
                new Mutant("a survey sees no ended lease", SurveyBlind::new, "a_lease_that_has_ended_is_due"),
                new Mutant(
                        "a survey sees no group that waits for room",
                        SurveyBlind::new,
                        "a_group_that_waits_for_room_is_due_because_its_job_may_be_lost"),
                new Mutant(
                        "suspects take neighbours along",
                        SuspectsWithNeighbours::new,
                        "a_recovered_job_is_claimed_alone"),
                new Mutant("bodies are taken for text", BodiesAreText::new, "a_body_comes_back_byte_for_byte"),
                new Mutant(
                        "now and then two workers get the same job",
                        SameJobTwice::new,
                        "two_workers_never_get_the_same_job"),
                new Mutant("nobody is woken", NobodyIsWoken::new, "an_idle_worker_hears_of_a_new_job"),
                new Mutant(
                        "notify is ignored",
                        NotifyIgnored::new,
                        "a_client_hears_of_the_end_of_jobs_that_it_asked_about"),
                new Mutant("closing does nothing", NeverCloses::new, "a_closed_broker_refuses_every_call"),
                new Mutant(
                        "the failure of a dead job is dropped",
                        FailureDropped::new,
                        "a_dead_job_is_kept_with_its_body_and_failure"),
                new Mutant(
                        "every call waits for the next due job in vain",
                        NextDueUnknown::new,
                        "the_reply_says_how_long_until_the_next_delayed_job"),
                new Mutant("limits are ignored", LimitsIgnored::new, "no_more_run_than_allowed_over_all_workers"),
                new Mutant(
                        "limits of groups are taken for limits of the queue",
                        GroupLimitsQueue::new,
                        "no_more_of_a_group_run_than_allowed_and_others_are_not_held_up"),
                new Mutant(
                        "limits are never removed", LimitsStay::new, "limits_are_replaced_and_removed_scope_by_scope"),
                new Mutant("groups are forgotten", GroupsForgotten::new, "groups_take_turns_whatever_their_sizes"),
                new Mutant(
                        "priority counts within a group",
                        PriorityWithinGroup::new,
                        "jobs_of_a_group_ignore_their_priorities_among_themselves"),
                new Mutant("a burst is one too large", BurstTooLarge::new, "a_group_starts_its_burst_and_then_waits"),
                new Mutant("one too many may run", OneTooMany::new, "the_limit_holds_whatever_happens"),
                new Mutant("a claim ignores its limit", LimitIgnored::new, "no_more_come_than_asked_for"),
                new Mutant(
                        "a pause is ignored",
                        PauseIgnored::new,
                        "a_paused_queue_hands_out_nothing_and_says_that_there_is_nothing_more"),
                new Mutant(
                        "a pause is for ever", PauseForEver::new, "a_resumed_queue_hands_out_again_in_the_old_order"),
                new Mutant(
                        "a pause stops what is due",
                        PauseStopsPromotion::new,
                        "delayed_jobs_become_ready_when_they_are_due"),
                new Mutant("redriving says yes to everything", RedriveAlwaysYes::new, "the_second_time_it_is_not_dead"),
                new Mutant(
                        "redriving forgets the delay",
                        RedriveForgetsDelay::new,
                        "a_job_redriven_with_a_delay_is_scheduled"),
                new Mutant(
                        "redriving hides who holds a key",
                        RedriveHidesHeldKeys::new,
                        "a_job_whose_key_another_job_holds_stays_dead"),
                new Mutant("rescheduling always means now", RescheduleAlwaysNow::new, "its_new_time_counts_from_now"),
                new Mutant("deleting kills running jobs", DeleteSaysDeleted::new, "a_running_job_is_left_alone"),
                new Mutant("trimming ignores how many to keep", TrimKeepsNothing::new, "the_newest_dead_jobs_stay"),
                new Mutant(
                        "unique keys are ignored",
                        broker -> constraints(
                                broker,
                                constraints ->
                                        new JobConstraints(null, constraints.group(), constraints.expiresInMillis())),
                        "a_second_job_with_the_key_is_not_stored_and_learns_the_id_of_the_first"),
                new Mutant(
                        "a key outlives its job",
                        broker -> unique(broker, key -> new Unique(key.key(), WINDOW, LONG, key.conflict())),
                        "a_key_is_free_after_a_success"),
                new Mutant(
                        "a key is free once its job starts",
                        broker -> unique(broker, key -> new Unique(key.key(), UNTIL_STARTED, ZERO, key.conflict())),
                        "a_key_is_held_while_the_job_is_delayed_or_runs_or_waits_for_another_try"),
                new Mutant(
                        "a key is held past its start",
                        broker -> unique(broker, key -> new Unique(key.key(), UNTIL_DONE, ZERO, key.conflict())),
                        "until_it_is_started_a_key_is_held_and_then_free"),
                new Mutant(
                        "nothing is replaced",
                        broker -> unique(broker, key -> key.onConflict(Unique.Conflict.RETURN_EXISTING)),
                        "a_ready_job_is_replaced"),
                new Mutant(
                        "everything is replaced",
                        broker -> unique(broker, key -> key.onConflict(Unique.Conflict.REPLACE)),
                        "a_second_job_with_the_key_is_not_stored_and_learns_the_id_of_the_first"),
                new Mutant(
                        "the holder of a key is not named",
                        HolderNotNamed::new,
                        "one_of_fifty_threads_stores_its_job_and_the_others_learn_its_id"),
                new Mutant(
                        "a cancelled job keeps its key",
                        CancelKeepsKey::new,
                        "a_key_is_free_once_the_ready_job_is_cancelled"),
                new Mutant(
                        "expiry is ignored",
                        broker -> constraints(
                                broker,
                                constraints -> new JobConstraints(constraints.unique(), constraints.group(), 0)),
                        "a_ready_job_that_has_not_started_in_time_never_runs"),
                new Mutant(
                        "late jobs end only when they are claimed",
                        NothingIsSwept::new,
                        "a_sweep_ends_ready_jobs_that_nobody_claims"),
                new Mutant(
                        "expired jobs are not told",
                        ExpiredNotTold::new,
                        "a_ready_job_that_has_not_started_in_time_never_runs"));
    }

    private Mutants() {}

    private static Broker constraints(Broker broker, UnaryOperator<JobConstraints> change) {
        return new DelegatingBroker(broker) {
            @Override
            public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
                return super.enqueue(
                        queue,
                        jobs.stream()
                                .map(job -> job.with(change.apply(job.constraints())))
                                .toList());
            }
        };
    }

    private static Broker unique(Broker broker, UnaryOperator<Unique> change) {
        return constraints(
                broker,
                constraints -> constraints.unique() == null
                        ? constraints
                        : constraints.withUnique(change.apply(constraints.unique())));
    }

    private static <V> CompletableFuture<V> done(V value) {
        return CompletableFuture.completedFuture(value);
    }

    private static final class StaleTokenAccepted extends DelegatingBroker {
        private final Map<String, String> holders = new ConcurrentHashMap<>();

        StaleTokenAccepted(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            ClaimReply reply = broker.claim(queue, request).join();
            reply.claims().forEach(claim -> holders.put(claim.id(), claim.token()));
            return done(reply);
        }

        @Override
        public CompletableFuture<CompleteReply> complete(
                String queue, List<Completion.Succeeded> succeeded, ClaimRequest next) {
            List<Completion.Succeeded> asHolder = succeeded.stream()
                    .map(run -> new Completion.Succeeded(
                            run.id(), holders.getOrDefault(run.id(), run.token()), run.result(), run.resultTtlMillis()))
                    .toList();
            return super.complete(queue, asHolder, next);
        }
    }

    private static final class KeepsOtherwise extends DelegatingBroker {
        private final Function<Completion.Keep, Completion.@Nullable Keep> change;

        KeepsOtherwise(Broker broker, Function<Completion.Keep, Completion.@Nullable Keep> change) {
            super(broker);
            this.change = change;
        }

        @Override
        public CompletableFuture<CompleteReply> complete(
                String queue, List<Completion.Succeeded> succeeded, ClaimRequest next) {
            List<Completion.Succeeded> changed = succeeded.stream()
                    .map(run -> run.keep() == null ? run : run.keeping(change.apply(run.keep())))
                    .toList();
            return super.complete(queue, changed, next);
        }
    }

    private static final class LastInFirstOut extends DelegatingBroker {
        LastInFirstOut(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            List<NewJob> reversed = new ArrayList<>(jobs);
            Collections.reverse(reversed);
            List<EnqueueReply> replies =
                    new ArrayList<>(super.enqueue(queue, reversed).join());
            Collections.reverse(replies);
            return done(replies);
        }
    }

    private static final class RepeatedClaimSaysNothingWaits extends DelegatingBroker {
        private final Set<String> tokens = ConcurrentHashMap.newKeySet();

        RepeatedClaimSaysNothingWaits(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            return tokens.add(request.token())
                    ? super.claim(queue, request)
                    : super.claim(queue, request)
                            .thenApply(reply -> new ClaimReply(reply.claims(), ClaimReply.NOTHING_MORE));
        }
    }

    private static final class TwinIsNeverStored extends DelegatingBroker {
        TwinIsNeverStored(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            Map<String, NewJob> first = new LinkedHashMap<>();
            jobs.forEach(job -> first.putIfAbsent(job.id(), job));
            Iterator<EnqueueReply> stored =
                    super.enqueue(queue, List.copyOf(first.values())).join().iterator();
            return done(jobs.stream()
                    .map(job -> first.remove(job.id()) == null ? new EnqueueReply.Duplicate(job.id()) : stored.next())
                    .toList());
        }
    }

    private static final class PriorityIgnored extends DelegatingBroker {
        PriorityIgnored(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            return super.enqueue(
                    queue,
                    jobs.stream()
                            .map(job -> new NewJob(job.id(), job.body(), 4, job.delayMillis(), job.dueMillis()))
                            .toList());
        }
    }

    private static final class LeaseNeverEnds extends DelegatingBroker {
        LeaseNeverEnds(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest r) {
            return super.claim(queue, new ClaimRequest(r.worker(), r.token(), r.limit(), Integer.MAX_VALUE));
        }
    }

    private static final class LeaseEndsAtOnce extends DelegatingBroker {
        LeaseEndsAtOnce(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest r) {
            return super.claim(queue, new ClaimRequest(r.worker(), r.token(), r.limit(), 0));
        }
    }

    private static final class LostOnRecovery extends DelegatingBroker {
        LostOnRecovery(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<RecoverReply> recover(String queue, int limit, int maxLostLeases, byte[] failure) {
            RecoverReply reply =
                    super.recover(queue, limit, maxLostLeases, failure).join();
            reply.recovered().forEach(job -> broker.cancellation().cancel(queue, job.id()));
            return done(reply);
        }
    }

    private static final class SweptWithoutRecord extends DelegatingBroker {
        SweptWithoutRecord(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<RecoverReply> recover(String queue, int limit, int maxLostLeases, byte[] failure) {
            RecoverReply reply =
                    super.recover(queue, limit, maxLostLeases, failure).join();
            return done(new RecoverReply(bare(reply.recovered()), bare(reply.dead()), reply.more()));
        }

        private static List<JobBrief> bare(List<JobBrief> jobs) {
            return jobs.stream()
                    .map(job -> new JobBrief(job.id(), new byte[0], 0, 0, 0))
                    .toList();
        }
    }

    private static final class DuplicateAccepted extends DelegatingBroker {
        DuplicateAccepted(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            super.enqueue(queue, jobs);
            return done(Collections.nCopies(jobs.size(), EnqueueReply.ACCEPTED));
        }
    }

    private static final class HolderNotNamed extends DelegatingBroker {
        HolderNotNamed(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            List<EnqueueReply> replies = new ArrayList<>();
            for (EnqueueReply reply : super.enqueue(queue, jobs).join()) {
                NewJob job = jobs.get(replies.size());
                replies.add(reply instanceof EnqueueReply.Duplicate ? new EnqueueReply.Duplicate(job.id()) : reply);
            }
            return done(replies);
        }
    }

    private static final class CancelKeepsKey extends DelegatingBroker {
        private final Map<String, NewJob> stored = new ConcurrentHashMap<>();

        CancelKeepsKey(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            jobs.forEach(job -> stored.put(job.id(), job));
            return super.enqueue(queue, jobs);
        }

        @Override
        public CompletableFuture<CancelReply> cancel(String queue, String id) {
            CancelReply reply = super.cancel(queue, id).join();
            NewJob job = stored.get(id);
            if (reply == CancelReply.CANCELLED
                    && job != null
                    && job.constraints().unique() != null) {
                super.enqueue(queue, List.of(new NewJob(id + "-ghost", job.body(), 4, 1000, 0, job.constraints())));
            }
            return done(reply);
        }
    }

    private static final class NothingIsSwept extends DelegatingBroker {
        NothingIsSwept(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<JobBrief>> expire(String queue, int limit) {
            return done(List.of());
        }
    }

    private static final class ExpiredNotTold extends DelegatingBroker {
        ExpiredNotTold(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            ClaimReply reply = super.claim(queue, request).join();
            return done(new ClaimReply(reply.claims(), reply.moreInMillis()));
        }
    }

    private static final class RetryLosesPriority extends DelegatingBroker {
        RetryLosesPriority(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<CompletionReply>> fail(String queue, List<Completion.Failed> ended) {
            if (ended.get(0) instanceof Completion.Retry retry) {
                byte[] body =
                        find(queue, retry.id(), false).join().orElseThrow().body();
                CompletionReply reply = broker.complete(
                                queue, List.of(new Completion.Succeeded(retry.id(), retry.token(), null, 0)), null)
                        .join()
                        .settled()
                        .get(0);
                enqueue(queue, List.of(NewJob.now(retry.id(), body, 4).after(retry.delayMillis())));
                return done(List.of(reply));
            }
            return super.fail(queue, ended);
        }
    }

    private static final class ReleaseCountsAFailure extends DelegatingBroker {
        ReleaseCountsAFailure(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<CompletionReply>> release(String queue, List<Completion.Release> releases) {
            return super.fail(
                    queue,
                    releases.stream()
                            .<Completion.Failed>map(
                                    run -> new Completion.Retry(run.id(), run.token(), run.delayMillis(), new byte[0]))
                            .toList());
        }
    }

    private static final class LostLeasesNotCounted extends DelegatingBroker {
        LostLeasesNotCounted(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            ClaimReply reply = super.claim(queue, request).join();
            List<Claim> claims = reply.claims().stream()
                    .map(c -> new Claim(c.id(), c.token(), c.body(), c.priority(), c.failures(), 0, c.releases()))
                    .toList();
            return done(new ClaimReply(claims, reply.moreInMillis()));
        }
    }

    private static final class DelayedRunsEarly extends DelegatingBroker {
        DelayedRunsEarly(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            return super.enqueue(queue, jobs.stream().map(job -> job.after(0)).toList());
        }
    }

    private static final class CancelIgnored extends DelegatingBroker {
        CancelIgnored(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<CancelReply> cancel(String queue, String id) {
            return done(find(queue, id, false)
                    .join()
                    .map(job -> job.state() == JobState.ACTIVE ? CancelReply.REQUESTED : CancelReply.CANCELLED)
                    .orElse(CancelReply.NOT_FOUND));
        }
    }

    private static final class CompleteCountsTwice extends DelegatingBroker {
        private final AtomicInteger settled = new AtomicInteger();

        CompleteCountsTwice(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<CompleteReply> complete(
                String queue, List<Completion.Succeeded> succeeded, ClaimRequest next) {
            CompleteReply reply = super.complete(queue, succeeded, next).join();
            settled.addAndGet(Collections.frequency(reply.settled(), CompletionReply.SETTLED));
            return done(reply);
        }

        @Override
        public CompletableFuture<QueueCounts> counts(String queue) {
            QueueCounts c = super.counts(queue).join();
            return done(counted(
                    c.ready(),
                    c.scheduled(),
                    c.active(),
                    c.dead(),
                    c.accepted(),
                    settled.get(),
                    c.cancelled(),
                    c.expired(),
                    c.removed()));
        }
    }

    private static final class ResultLost extends DelegatingBroker {
        ResultLost(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<CompleteReply> complete(
                String queue, List<Completion.Succeeded> succeeded, ClaimRequest next) {
            return super.complete(
                    queue,
                    succeeded.stream()
                            .map(run -> new Completion.Succeeded(run.id(), run.token(), null, 0))
                            .toList(),
                    next);
        }
    }

    private static final class RepeatedClaimTakesMore extends DelegatingBroker {
        private final Set<String> tokens = ConcurrentHashMap.newKeySet();

        RepeatedClaimTakesMore(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest r) {
            String token = tokens.add(r.token()) ? r.token() : r.token() + "-again";
            return super.claim(queue, new ClaimRequest(r.worker(), token, r.limit(), r.leaseMillis()));
        }
    }

    /** Of a token that holds nothing it does not know that it was taken. */
    private static final class LateCopyClaims extends DelegatingBroker {
        LateCopyClaims(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest r) {
            String token = r.token().replace(":", ".");
            return super.claim(queue, new ClaimRequest(r.worker(), token, r.limit(), r.leaseMillis()));
        }
    }

    private static final class OvertakenIsLate extends DelegatingBroker {
        private final Map<String, Long> highest = new ConcurrentHashMap<>();

        OvertakenIsLate(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest r) {
            boolean isLate = highest.merge(r.worker(), r.number(), Math::max) > r.number();
            return isLate ? done(new ClaimReply(List.of(), 0)) : super.claim(queue, r);
        }
    }

    private static final class LostLeaseReportedAlive extends DelegatingBroker {
        LostLeaseReportedAlive(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<ExtendReply>> extend(String queue, List<String> tokens, long leaseMillis) {
            super.extend(queue, tokens, leaseMillis);
            return done(Collections.nCopies(tokens.size(), ExtendReply.ALIVE));
        }
    }

    private static final class SurveyBlind extends DelegatingBroker {

        SurveyBlind(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<Survey>> survey(List<String> queues) {
            return super.survey(queues)
                    .thenApply(found -> found.stream()
                            .map(each -> new Survey(each.ready(), false, each.dead()))
                            .toList());
        }
    }

    private static final class SuspectsWithNeighbours extends DelegatingBroker {
        SuspectsWithNeighbours(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest r) {
            ClaimReply first = super.claim(queue, r).join();
            int rest = r.limit() - first.claims().size();
            if (rest == 0 || first.claims().isEmpty()) {
                return done(first);
            }
            ClaimReply second = super.claim(
                            queue, new ClaimRequest(r.worker(), r.token() + "-more", rest, r.leaseMillis()))
                    .join();
            List<Claim> both = new ArrayList<>(first.claims());
            both.addAll(second.claims());
            return done(new ClaimReply(both, second.moreInMillis()));
        }
    }

    private static final class BodiesAreText extends DelegatingBroker {
        BodiesAreText(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            return super.enqueue(
                    queue,
                    jobs.stream()
                            .map(job -> new NewJob(
                                    job.id(),
                                    new String(job.body(), StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8),
                                    job.priority(),
                                    job.delayMillis(),
                                    job.dueMillis()))
                            .toList());
        }
    }

    private static final class SameJobTwice extends DelegatingBroker {
        private final AtomicInteger calls = new AtomicInteger();
        private volatile ClaimReply last = ClaimReply.EMPTY;

        SameJobTwice(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            if (calls.incrementAndGet() % 10 == 0) {
                return done(last);
            }
            ClaimReply reply = super.claim(queue, request).join();
            last = reply;
            return done(reply);
        }
    }

    private static final class GoneMeansSucceeded extends DelegatingBroker {
        GoneMeansSucceeded(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Optional<JobSnapshot>> find(
                String queue, String id, boolean notify, @Nullable String receipt) {
            JobSnapshot succeeded = JobSnapshot.ended(id, JobState.SUCCEEDED, null);
            return super.find(queue, id, notify, receipt)
                    .thenApply(found -> receipt == null ? found : found.or(() -> Optional.of(succeeded)));
        }
    }

    private static final class NobodyIsWoken extends DelegatingBroker {
        NobodyIsWoken(Broker broker) {
            super(broker);
        }

        @Override
        public Subscription listen(String worker, Set<String> queues, BrokerListener listener) {
            return () -> {};
        }
    }

    private static final class NotifyIgnored extends DelegatingBroker {
        NotifyIgnored(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Optional<JobSnapshot>> find(
                String queue, String id, boolean notify, @Nullable String receipt) {
            return super.find(queue, id, false, receipt);
        }
    }

    private static final class NeverCloses extends DelegatingBroker {
        NeverCloses(Broker broker) {
            super(broker);
        }

        @Override
        public void close() {}
    }

    private static final class FailureDropped extends DelegatingBroker {
        FailureDropped(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<CompletionReply>> fail(String queue, List<Completion.Failed> ended) {
            return super.fail(
                    queue,
                    ended.stream()
                            .map(run -> run instanceof Completion.Dead dead
                                    ? new Completion.Dead(dead.id(), dead.token(), new byte[0])
                                    : run)
                            .toList());
        }
    }

    private static final class NextDueUnknown extends DelegatingBroker {
        NextDueUnknown(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            return done(new ClaimReply(super.claim(queue, request).join().claims(), ClaimReply.NOTHING_MORE));
        }
    }

    private static final class LimitIgnored extends DelegatingBroker {
        LimitIgnored(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest r) {
            return super.claim(queue, new ClaimRequest(r.worker(), r.token(), MAX_BATCH, r.leaseMillis()));
        }
    }

    private static final class PauseIgnored extends DelegatingOperations {
        PauseIgnored(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Boolean> pause(String queue) {
            return done(true);
        }
    }

    private static final class PauseForEver extends DelegatingOperations {
        PauseForEver(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Boolean> resume(String queue) {
            return done(true);
        }
    }

    private static final class PauseStopsPromotion extends DelegatingOperations {
        PauseStopsPromotion(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            return operations().isPaused(queue).join() ? done(ClaimReply.EMPTY) : super.claim(queue, request);
        }
    }

    private static final class RedriveAlwaysYes extends DelegatingOperations {
        RedriveAlwaysYes(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<RedriveReply>> redrive(String queue, List<Redrive> jobs) {
            super.redrive(queue, jobs).join();
            return done(Collections.nCopies(jobs.size(), RedriveReply.REDRIVEN));
        }
    }

    private static final class RedriveHidesHeldKeys extends DelegatingOperations {
        RedriveHidesHeldKeys(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<RedriveReply>> redrive(String queue, List<Redrive> jobs) {
            return super.redrive(queue, jobs)
                    .thenApply(replies -> replies.stream()
                            .map(reply -> reply == RedriveReply.KEY_HELD ? RedriveReply.REDRIVEN : reply)
                            .toList());
        }
    }

    private static final class RedriveForgetsDelay extends DelegatingOperations {
        RedriveForgetsDelay(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<RedriveReply>> redrive(String queue, List<Redrive> jobs) {
            return super.redrive(
                    queue, jobs.stream().map(job -> Redrive.now(job.id())).toList());
        }
    }

    private static final class RescheduleAlwaysNow extends DelegatingOperations {
        RescheduleAlwaysNow(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Boolean> reschedule(String queue, String id, long delayMillis) {
            return super.reschedule(queue, id, 0);
        }
    }

    private static final class DeleteSaysDeleted extends DelegatingOperations {
        DeleteSaysDeleted(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<DeleteReply> delete(String queue, String id) {
            return super.delete(queue, id)
                    .thenApply(reply -> reply == DeleteReply.ACTIVE ? DeleteReply.DELETED : reply);
        }
    }

    private static final class TrimKeepsNothing extends DelegatingOperations {
        TrimKeepsNothing(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Integer> trim(String queue, long keep, long maxAgeMillis, int limit) {
            return super.trim(queue, 0, maxAgeMillis, limit);
        }
    }

    private static final class LimitsIgnored extends DelegatingBroker {
        LimitsIgnored(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Void> limit(String queue, LimitScope scope, Limits limits) {
            return done(null);
        }
    }

    private static final class GroupLimitsQueue extends DelegatingBroker {
        GroupLimitsQueue(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Void> limit(String queue, LimitScope scope, Limits limits) {
            return super.limit(queue, LimitScope.QUEUE, limits);
        }
    }

    private static final class LimitsStay extends DelegatingBroker {
        LimitsStay(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Void> limit(String queue, LimitScope scope, Limits limits) {
            return limits == null ? done(null) : super.limit(queue, scope, limits);
        }
    }

    private static final class GroupsForgotten extends DelegatingBroker {
        GroupsForgotten(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            return super.enqueue(
                    queue,
                    jobs.stream().map(job -> job.with(JobConstraints.NONE)).toList());
        }
    }

    private static final class PriorityWithinGroup extends DelegatingBroker {
        PriorityWithinGroup(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            return super.enqueue(
                    queue,
                    jobs.stream()
                            .sorted(Comparator.comparingInt(NewJob::priority).reversed())
                            .toList());
        }
    }

    private static final class BurstTooLarge extends DelegatingBroker {
        BurstTooLarge(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Void> limit(String queue, LimitScope scope, Limits limits) {
            boolean isRate = limits != null && limits.rate() != null;
            return super.limit(
                    queue,
                    scope,
                    isRate ? limits.with(limits.rate().burst(limits.rate().burst() + 1)) : limits);
        }
    }

    private static final class OneTooMany extends DelegatingBroker {
        OneTooMany(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Void> limit(String queue, LimitScope scope, Limits limits) {
            boolean isConcurrency = limits != null && limits.concurrency() != null;
            return super.limit(
                    queue,
                    scope,
                    isConcurrency
                            ? limits.with(Limit.concurrency(limits.concurrency().jobs() + 1))
                            : limits);
        }
    }
}
