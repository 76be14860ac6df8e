package io.tidemill.conformance;

import static io.tidemill.task.Unique.Scope.UNTIL_DONE;
import static io.tidemill.task.Unique.Scope.UNTIL_STARTED;
import static io.tidemill.task.Unique.Scope.WINDOW;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Completion;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.task.Unique;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.UnaryOperator;

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
        List<Mutant> all = new ArrayList<>(NoteMutants.all());
        all.addAll(ControlMutants.all());
        all.addAll(List.of(
                new Mutant(
                        "a stale token is accepted",
                        ClaimMutants.StaleTokenAccepted::new,
                        "a_stale_token_after_a_recovery_changes_nothing"),
                new Mutant(
                        "a job is kept until its result is forgotten, and no longer",
                        broker -> new JobMutants.KeepsOtherwise(broker, keep -> null),
                        "a_kept_job_is_found_with_everything_that_its_record_says"),
                new Mutant(
                        "a queue keeps more jobs than it should",
                        broker -> new JobMutants.KeepsOtherwise(
                                broker, keep -> new Completion.Keep(keep.millis(), Long.MAX_VALUE, keep.ranMillis())),
                        "only_the_newest_are_kept"),
                new Mutant(
                        "a history knows what was added last only",
                        OperationMutants.HistoryOfTheLast::new,
                        "what_is_added_again_adds_up"),
                new Mutant(
                        "all queues have one history",
                        OperationMutants.HistoryOfAllQueues::new,
                        "the_history_of_one_queue_is_not_that_of_another"),
                new Mutant(
                        "a schedule fires whatever its revision is",
                        ScheduleMutants.StepIgnoresRevision::new,
                        "a_job_whose_schedule_has_another_revision_is_not_stored_and_changes_nothing"),
                new Mutant(
                        "a schedule that was changed fires as it was",
                        ScheduleMutants.StepIgnoresRevision::new,
                        "a_schedule_that_was_changed_after_it_was_taken_does_not_fire_as_it_was"),
                new Mutant(
                        "a schedule fires and stays as it was",
                        ScheduleMutants.StepNotTaken::new,
                        "the_job_is_stored_and_the_schedule_replaced"),
                new Mutant(
                        "a schedule whose job is known stays as it was",
                        ScheduleMutants.StepNotTakenForKnownJobs::new,
                        "the_step_is_taken_also_if_the_id_of_the_job_is_known"),
                new Mutant(
                        "who fires second is answered with a duplicate",
                        ScheduleMutants.SupersededIsDuplicate::new,
                        "two_that_fire_the_same_revision_with_the_same_job_id_store_it_once_though_it_has_run"),
                new Mutant(
                        "a schedule that was taken is not held",
                        ScheduleMutants.TakeDoesNotHold::new,
                        "what_was_taken_is_brought_to_nobody_else_while_it_is_held"),
                new Mutant(
                        "a schedule that was taken is held too long",
                        ScheduleMutants.TakeHoldsForEver::new,
                        "what_was_taken_comes_again_when_the_time_is_over"),
                new Mutant(
                        "the last writer of a schedule wins",
                        ScheduleMutants.WriteIgnoresExpected::new,
                        "a_write_that_expects_another_revision_changes_nothing"),
                new Mutant(
                        "a schedule is removed whatever its revision is",
                        ScheduleMutants.RemoveIgnoresExpected::new,
                        "a_removal_that_expects_another_revision_is_refused"),
                new Mutant(
                        "a repeated write of a schedule is refused",
                        ScheduleMutants.RepeatedWriteRefused::new,
                        "a_write_that_is_repeated_is_done_once_and_says_that_it_is_done"),
                new Mutant(
                        "last in, first out",
                        ClaimMutants.LastInFirstOut::new,
                        "ten_thousand_jobs_come_first_in_first_out"),
                new Mutant(
                        "priority is ignored",
                        ClaimMutants.PriorityIgnored::new,
                        "higher_priorities_come_first_and_each_is_first_in_first_out"),
                new Mutant(
                        "a lease never ends",
                        ClaimMutants.LeaseNeverEnds::new,
                        "a_job_whose_lease_ended_is_ready_again_and_one_lost_lease_is_counted"),
                new Mutant(
                        "a walk looks at the places of ready jobs",
                        JobMutants.ScanOfPlaces::new,
                        "a_walk_meets_each_job_although_all_of_them_change_their_places_between_its_steps"),
                new Mutant(
                        "what is gone is taken for a success",
                        JobMutants.GoneMeansSucceeded::new,
                        "a_job_that_was_deleted_is_not_taken_for_one_that_succeeded"),
                new Mutant(
                        "a lease ends at once",
                        ClaimMutants.LeaseEndsAtOnce::new,
                        "a_claimed_job_is_not_claimable_until_its_lease_ends"),
                new Mutant(
                        "jobs get lost on recovery",
                        ClaimMutants.LostOnRecovery::new,
                        "a_job_whose_lease_ended_is_ready_again_and_one_lost_lease_is_counted"),
                new Mutant(
                        "sweeps tell nothing of the record",
                        ClaimMutants.SweptWithoutRecord::new,
                        "those_that_come_back_and_those_that_die_are_told_with_their_counts_and_the_beginning_of_their_records"),
                new Mutant(
                        "a duplicate is accepted",
                        JobMutants.DuplicateAccepted::new,
                        "one_of_fifty_threads_stores_the_same_id"),
                new Mutant(
                        "a retried job loses its priority",
                        JobMutants.RetryLosesPriority::new,
                        "a_retried_job_keeps_its_priority"),
                new Mutant(
                        "a release counts a failure",
                        JobMutants.ReleaseCountsAFailure::new,
                        "a_released_job_is_ready_and_no_failure_is_counted"),
                new Mutant(
                        "lost leases are not counted",
                        ClaimMutants.LostLeasesNotCounted::new,
                        "a_job_whose_lease_ended_is_ready_again_and_one_lost_lease_is_counted"),
                new Mutant(
                        "delayed jobs run early",
                        ClaimMutants.DelayedRunsEarly::new,
                        "a_job_with_a_delay_is_scheduled_and_not_claimable_before"),
                new Mutant(
                        "cancelling is ignored",
                        JobMutants.CancelIgnored::new,
                        "a_scheduled_job_is_cancelled_and_never_runs"),
                new Mutant(
                        "completing twice counts twice",
                        JobMutants.CompleteCountsTwice::new,
                        "completing_again_under_a_token_that_stands_is_settled_and_counts_once"),
                new Mutant(
                        "jobs that are held back are not counted",
                        JobMutants.HeldNotCounted::new,
                        "ready_jobs_of_groups_that_have_to_wait_are_counted_as_held_back"),
                new Mutant("results are lost", JobMutants.ResultLost::new, "a_result_is_kept"),
                new Mutant(
                        "a late copy of a claim claims anew",
                        ClaimMutants.LateCopyClaims::new,
                        "a_late_copy_of_a_claim_whose_jobs_were_completed_takes_nothing"),
                new Mutant(
                        "a claim that another has overtaken is taken for a late copy",
                        ClaimMutants.OvertakenIsLate::new,
                        "claims_that_overtake_one_another_are_all_answered"),
                new Mutant(
                        "a repeated claim takes more",
                        ClaimMutants.RepeatedClaimTakesMore::new,
                        "a_claim_asked_twice_answers_with_what_the_token_holds"),
                new Mutant(
                        "a repeated claim says that nothing waits",
                        ClaimMutants.RepeatedClaimSaysNothingWaits::new,
                        "a_claim_asked_twice_says_to_look_again_for_what_waits"),
                new Mutant(
                        "the second of two with one id is never stored",
                        JobMutants.TwinIsNeverStored::new,
                        "a_job_is_stored_though_one_with_its_id_was_refused_in_the_same_call"),
                new Mutant(
                        "a lost lease is reported alive",
                        ClaimMutants.LostLeaseReportedAlive::new,
                        "a_recovered_lease_has_ended"),
                new Mutant(
                        "a survey sees no ended lease", ClaimMutants.SurveyBlind::new, "a_lease_that_has_ended_is_due"),
                new Mutant(
                        "a survey sees no group that waits for room",
                        ClaimMutants.SurveyBlind::new,
                        "a_group_that_waits_for_room_is_due_because_its_job_may_be_lost"),
                new Mutant(
                        "suspects take neighbours along",
                        ClaimMutants.SuspectsWithNeighbours::new,
                        "a_recovered_job_is_claimed_alone"),
                new Mutant(
                        "bodies are taken for text", JobMutants.BodiesAreText::new, "a_body_comes_back_byte_for_byte"),
                new Mutant(
                        "now and then two workers get the same job",
                        ClaimMutants.SameJobTwice::new,
                        "two_workers_never_get_the_same_job"),
                new Mutant("nobody is woken", JobMutants.NobodyIsWoken::new, "an_idle_worker_hears_of_a_new_job"),
                new Mutant(
                        "notify is ignored",
                        JobMutants.NotifyIgnored::new,
                        "a_client_hears_of_the_end_of_jobs_that_it_asked_about"),
                new Mutant("closing does nothing", JobMutants.NeverCloses::new, "a_closed_broker_refuses_every_call"),
                new Mutant(
                        "the failure of a dead job is dropped",
                        JobMutants.FailureDropped::new,
                        "a_dead_job_is_kept_with_its_body_and_failure"),
                new Mutant(
                        "every call waits for the next due job in vain",
                        ClaimMutants.NextDueUnknown::new,
                        "the_reply_says_how_long_until_the_next_delayed_job"),
                new Mutant(
                        "limits are ignored",
                        LimitMutants.LimitsIgnored::new,
                        "no_more_run_than_allowed_over_all_workers"),
                new Mutant(
                        "limits of groups are taken for limits of the queue",
                        LimitMutants.GroupLimitsQueue::new,
                        "no_more_of_a_group_run_than_allowed_and_others_are_not_held_up"),
                new Mutant(
                        "limits are never removed",
                        LimitMutants.LimitsStay::new,
                        "limits_are_replaced_and_removed_scope_by_scope"),
                new Mutant(
                        "groups are forgotten",
                        LimitMutants.GroupsForgotten::new,
                        "groups_take_turns_whatever_their_sizes"),
                new Mutant(
                        "priority counts within a group",
                        LimitMutants.PriorityWithinGroup::new,
                        "jobs_of_a_group_ignore_their_priorities_among_themselves"),
                new Mutant(
                        "a burst is one too large",
                        LimitMutants.BurstTooLarge::new,
                        "a_group_starts_its_burst_and_then_waits"),
                new Mutant(
                        "a retry in order is overtaken",
                        LimitMutants.OrderForgotten::new,
                        "while_a_retry_waits_nothing_of_its_group_runs"),
                new Mutant("one too many may run", LimitMutants.OneTooMany::new, "the_limit_holds_whatever_happens"),
                new Mutant("a claim ignores its limit", ClaimMutants.LimitIgnored::new, "no_more_come_than_asked_for"),
                new Mutant(
                        "a pause is ignored",
                        OperationMutants.PauseIgnored::new,
                        "a_paused_queue_hands_out_nothing_and_says_that_there_is_nothing_more"),
                new Mutant(
                        "a pause is for ever",
                        OperationMutants.PauseForEver::new,
                        "a_resumed_queue_hands_out_again_in_the_old_order"),
                new Mutant(
                        "a pause stops what is due",
                        OperationMutants.PauseStopsPromotion::new,
                        "delayed_jobs_become_ready_when_they_are_due"),
                new Mutant(
                        "redriving says yes to everything",
                        OperationMutants.RedriveAlwaysYes::new,
                        "the_second_time_it_is_not_dead"),
                new Mutant(
                        "redriving forgets the delay",
                        OperationMutants.RedriveForgetsDelay::new,
                        "a_job_redriven_with_a_delay_is_scheduled"),
                new Mutant(
                        "redriving hides who holds a key",
                        OperationMutants.RedriveHidesHeldKeys::new,
                        "a_job_whose_key_another_job_holds_stays_dead"),
                new Mutant(
                        "rescheduling keeps the old body",
                        OperationMutants.RescheduleKeepsBody::new,
                        "it_gets_another_body_and_another_time_in_one_step"),
                new Mutant(
                        "rescheduling always means now",
                        OperationMutants.RescheduleAlwaysNow::new,
                        "its_new_time_counts_from_now"),
                new Mutant(
                        "deleting kills running jobs",
                        OperationMutants.DeleteSaysDeleted::new,
                        "a_running_job_is_left_alone"),
                new Mutant(
                        "trimming ignores how many to keep",
                        OperationMutants.TrimKeepsNothing::new,
                        "the_newest_dead_jobs_stay"),
                new Mutant(
                        "unique keys are ignored",
                        broker -> constraints(
                                broker,
                                constraints ->
                                        new JobConstraints(null, constraints.group(), constraints.expiresInMillis())),
                        "a_second_job_with_the_key_is_not_stored_and_learns_the_id_of_the_first"),
                new Mutant(
                        "a key outlives its job",
                        broker -> unique(
                                broker,
                                key -> Unique.of(key.key(), WINDOW, LONG).onConflict(key.conflict())),
                        "a_key_is_free_after_a_success"),
                new Mutant(
                        "a key is free once its job starts",
                        broker -> unique(
                                broker,
                                key -> Unique.of(key.key(), UNTIL_STARTED, ZERO).onConflict(key.conflict())),
                        "a_key_is_held_while_the_job_is_delayed_or_runs_or_waits_for_another_try"),
                new Mutant(
                        "a key is held past its start",
                        broker -> unique(
                                broker,
                                key -> Unique.of(key.key(), UNTIL_DONE, ZERO).onConflict(key.conflict())),
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
                        "the longest delay is ignored",
                        broker -> unique(
                                broker,
                                key -> Unique.of(key.key(), key.scope(), key.window())
                                        .onConflict(key.conflict())),
                        "a_job_is_put_off_no_further_than_its_longest_delay"),
                new Mutant(
                        "versions are ignored",
                        broker -> unique(
                                broker,
                                key -> Unique.of(key.key(), key.scope(), key.window())
                                        .onConflict(key.conflict())),
                        "an_older_version_changes_nothing_and_says_so"),
                new Mutant(
                        "the holder of a key is not named",
                        JobMutants.HolderNotNamed::new,
                        "one_of_fifty_threads_stores_its_job_and_the_others_learn_its_id"),
                new Mutant(
                        "a cancelled job keeps its key",
                        JobMutants.CancelKeepsKey::new,
                        "a_key_is_free_once_the_ready_job_is_cancelled"),
                new Mutant(
                        "expiry is ignored",
                        broker -> constraints(
                                broker,
                                constraints -> new JobConstraints(constraints.unique(), constraints.group(), 0)),
                        "a_ready_job_that_has_not_started_in_time_never_runs"),
                new Mutant(
                        "late jobs end only when they are claimed",
                        JobMutants.NothingIsSwept::new,
                        "a_sweep_ends_ready_jobs_that_nobody_claims"),
                new Mutant(
                        "expired jobs are not told",
                        JobMutants.ExpiredNotTold::new,
                        "a_ready_job_that_has_not_started_in_time_never_runs")));
        return all;
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

    static <V> CompletableFuture<V> done(V value) {
        return CompletableFuture.completedFuture(value);
    }
}
