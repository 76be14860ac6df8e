package io.tidemill.broker.partition;

import io.tidemill.broker.CommandAnswer;
import io.tidemill.broker.CommandReply;
import io.tidemill.broker.CommandStore;
import io.tidemill.broker.WaitingCommand;
import io.tidemill.broker.WorkerCommand;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Keeps commands where workers are listed: in the first partition. */
record PartitionedCommands(CommandStore commands, Partitions partitions) implements CommandStore {

    @Override
    public CompletableFuture<CommandReply> command(String queue, WorkerCommand command) {
        return commands.command(first(queue), command);
    }

    @Override
    public CompletableFuture<List<WaitingCommand>> obey(String queue, String worker, List<CommandAnswer> answers) {
        return commands.obey(first(queue), worker, answers);
    }

    @Override
    public CompletableFuture<Optional<byte[]>> answer(String queue, String id) {
        return commands.answer(first(queue), id);
    }

    private String first(String queue) {
        return partitions.of(queue).get(0);
    }
}
