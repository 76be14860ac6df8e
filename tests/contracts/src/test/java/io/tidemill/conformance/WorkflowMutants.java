package io.tidemill.conformance;

import io.tidemill.broker.Broker;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.Fill;
import io.tidemill.broker.FillReply;
import io.tidemill.broker.OutboxMessage;
import io.tidemill.broker.PlacePage;
import io.tidemill.broker.StoreReply;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkflowEnd;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowStore;
import io.tidemill.broker.WorkflowWrite;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** {@link Mutants} that keep workflows wrongly. */
final class WorkflowMutants {

    private WorkflowMutants() {}

    static List<Mutants.Mutant> all() {
        return List.of(
                new Mutants.Mutant(
                        "nothing follows a completion",
                        NothingFollows::new,
                        "a_completion_stores_the_jobs_that_follow_and_fills_places_of_its_queue"),
                new Mutants.Mutant(
                        "each fill is said to be the last",
                        broker -> store(broker, EachFillIsTheLast::new),
                        "a_job_with_places_waits_and_the_last_value_makes_it_ready"),
                new Mutants.Mutant(
                        "messages are forgotten when they are read",
                        broker -> store(broker, ForgetsWhatWasRead::new),
                        "a_place_in_another_queue_becomes_a_message_that_stays_until_it_was_delivered"),
                new Mutants.Mutant(
                        "a record is written whatever its revision is",
                        broker -> store(broker, WritesAlways::new),
                        "a_record_is_written_if_it_has_the_expected_revision"),
                new Mutants.Mutant(
                        "an end comes behind a cancel",
                        broker -> store(broker, NothingIsFinal::new),
                        "an_end_that_was_on_its_way_when_the_workflow_was_cancelled_changes_nothing"),
                new Mutants.Mutant(
                        "a workflow is not stopped",
                        broker -> store(broker, StopsNothing::new),
                        "nothing_follows_in_a_workflow_that_was_stopped_and_none_of_its_jobs_is_stored"));
    }

    private static Broker store(Broker broker, UnaryOperator<WorkflowStore> change) {
        return new DelegatingBroker(broker) {
            @Override
            public WorkflowStore workflows() {
                return change.apply(super.workflows());
            }
        };
    }

    private static final class NothingFollows extends DelegatingBroker {

        NothingFollows(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<CompleteReply> complete(
                String queue, List<Completion.Succeeded> succeeded, @Nullable ClaimRequest next) {
            return super.complete(
                    queue, succeeded.stream().map(run -> run.following(null)).toList(), next);
        }
    }

    private static final class EachFillIsTheLast extends DelegatingWorkflows {

        EachFillIsTheLast(WorkflowStore store) {
            super(store);
        }

        @Override
        public CompletableFuture<List<FillReply>> fill(String queue, List<Fill> fills) {
            return super.fill(queue, fills)
                    .thenApply(replies ->
                            replies.stream().map(reply -> FillReply.READY).toList());
        }
    }

    private static final class ForgetsWhatWasRead extends DelegatingWorkflows {

        ForgetsWhatWasRead(WorkflowStore store) {
            super(store);
        }

        @Override
        public CompletableFuture<List<OutboxMessage>> outbox(String queue, int limit) {
            List<OutboxMessage> messages = super.outbox(queue, limit).join();
            if (!messages.isEmpty()) {
                delivered(queue, messages.stream().map(OutboxMessage::number).toList())
                        .join();
            }
            return Mutants.done(messages);
        }
    }

    private static final class WritesAlways extends DelegatingWorkflows {

        WritesAlways(WorkflowStore store) {
            super(store);
        }

        @Override
        public CompletableFuture<StoreReply> store(
                String queue, @Nullable WorkflowWrite write, List<WorkflowJob> jobs) {
            if (write == null) {
                return super.store(queue, null, jobs);
            }
            String there = find(queue, write.after().id(), false)
                    .join()
                    .map(StoredWorkflow::revision)
                    .orElse(null);
            return super.store(queue, new WorkflowWrite(there, write.after()), jobs);
        }
    }

    private static final class NothingIsFinal extends DelegatingWorkflows {

        NothingIsFinal(WorkflowStore store) {
            super(store);
        }

        @Override
        public CompletableFuture<StoreReply> store(
                String queue, @Nullable WorkflowWrite write, List<WorkflowJob> jobs) {
            return super.store(queue, write == null ? null : new WorkflowWrite(write.expected(), write.after()), jobs);
        }
    }

    private static final class StopsNothing extends DelegatingWorkflows {

        StopsNothing(WorkflowStore store) {
            super(store);
        }

        @Override
        public CompletableFuture<Void> stop(String queue, String workflow, long keepMillis) {
            return CompletableFuture.completedFuture(null);
        }
    }

    /** Does what another does. */
    private static class DelegatingWorkflows implements WorkflowStore {

        private final WorkflowStore store;

        DelegatingWorkflows(WorkflowStore store) {
            this.store = store;
        }

        @Override
        public CompletableFuture<StoreReply> store(
                String queue, @Nullable WorkflowWrite write, List<WorkflowJob> jobs) {
            return store.store(queue, write, jobs);
        }

        @Override
        public CompletableFuture<Optional<StoredWorkflow>> find(String home, String id, boolean notify) {
            return store.find(home, id, notify);
        }

        @Override
        public CompletableFuture<Void> end(String home, String workflow, WorkflowEnd end) {
            return store.end(home, workflow, end);
        }

        @Override
        public CompletableFuture<List<StoredWorkflow>> list(String home, int offset, int limit) {
            return store.list(home, offset, limit);
        }

        @Override
        public CompletableFuture<List<FillReply>> fill(String queue, List<Fill> fills) {
            return store.fill(queue, fills);
        }

        @Override
        public CompletableFuture<Optional<PlacePage>> places(String queue, String job, int from, int limit) {
            return store.places(queue, job, from, limit);
        }

        @Override
        public CompletableFuture<List<OutboxMessage>> outbox(String queue, int limit) {
            return store.outbox(queue, limit);
        }

        @Override
        public CompletableFuture<Void> delivered(String queue, List<Long> numbers) {
            return store.delivered(queue, numbers);
        }

        @Override
        public CompletableFuture<Void> stop(String queue, String workflow, long keepMillis) {
            return store.stop(queue, workflow, keepMillis);
        }
    }
}
