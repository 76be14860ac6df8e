package io.tidemill.conformance;

import io.tidemill.broker.Broker;
import io.tidemill.broker.CommandAnswer;
import io.tidemill.broker.CommandReply;
import io.tidemill.broker.CommandStore;
import io.tidemill.broker.WaitingCommand;
import io.tidemill.broker.WorkerCommand;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** {@link Mutants} that keep what operators ask of workers wrongly. */
final class ControlMutants {

    private ControlMutants() {}

    static List<Mutants.Mutant> all() {
        return List.of(
                new Mutants.Mutant(
                        "a command waits for ever",
                        WaitsForEver::new,
                        "a_command_whose_time_is_over_is_not_brought_and_takes_no_answer"),
                new Mutants.Mutant(
                        "the last answer to a command counts",
                        LastAnswerCounts::new,
                        "an_answer_to_a_command_that_does_not_wait_changes_nothing"));
    }

    /** Leaves and brings commands as the right one does. */
    private abstract static class Otherwise extends DelegatingBroker implements CommandStore {

        private final CommandStore right;

        Otherwise(Broker broker) {
            super(broker);
            right = broker.commands();
        }

        @Override
        public CommandStore commands() {
            return this;
        }

        @Override
        public CompletableFuture<CommandReply> command(String queue, WorkerCommand command) {
            return right.command(queue, command);
        }

        @Override
        public CompletableFuture<List<WaitingCommand>> obey(String queue, String worker, List<CommandAnswer> answers) {
            return right.obey(queue, worker, answers);
        }

        @Override
        public CompletableFuture<Optional<byte[]>> answer(String queue, String id) {
            return right.answer(queue, id);
        }
    }

    private static final class WaitsForEver extends Otherwise {

        WaitsForEver(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<CommandReply> command(String queue, WorkerCommand command) {
            return super.command(queue, new WorkerCommand(command.id(), command.worker(), 86_400_000, command.body()));
        }
    }

    private static final class LastAnswerCounts extends Otherwise {

        private final Map<String, byte[]> answers = new ConcurrentHashMap<>();

        LastAnswerCounts(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<WaitingCommand>> obey(String queue, String worker, List<CommandAnswer> given) {
            given.forEach(answer -> answers.put(answer.id(), answer.body()));
            return super.obey(queue, worker, given);
        }

        @Override
        public CompletableFuture<Optional<byte[]>> answer(String queue, String id) {
            return CompletableFuture.completedFuture(Optional.ofNullable(answers.get(id)));
        }
    }
}
