package io.tidemill.broker.memory;

import io.tidemill.broker.CommandAnswer;
import io.tidemill.broker.CommandReply;
import io.tidemill.broker.CommandStore;
import io.tidemill.broker.WaitingCommand;
import io.tidemill.broker.WorkerCommand;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Keeps what operators ask of workers; {@link QueueCommands} says how. */
record MemoryCommands(MemoryBroker broker) implements CommandStore {

    @Override
    public CompletableFuture<CommandReply> command(String queue, WorkerCommand command) {
        return broker.hop(queue, it -> it.commands.command(command));
    }

    @Override
    public CompletableFuture<List<WaitingCommand>> obey(String queue, String worker, List<CommandAnswer> answers) {
        CommandAnswer.check(answers);
        return broker.hop(queue, it -> it.commands.obey(worker, answers));
    }

    @Override
    public CompletableFuture<Optional<byte[]>> answer(String queue, String id) {
        return broker.hop(queue, it -> it.commands.answer(id));
    }
}
