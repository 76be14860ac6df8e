package io.tidemill.redis;

import io.tidemill.broker.CommandAnswer;
import io.tidemill.broker.CommandReply;
import io.tidemill.broker.CommandStore;
import io.tidemill.broker.WaitingCommand;
import io.tidemill.broker.WorkerCommand;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Keeps what operators ask of workers. */
record RedisCommands(Function<String, QueueOperator> queues) implements CommandStore {

    @Override
    public CompletableFuture<CommandReply> command(String queue, WorkerCommand command) {
        return RedisQueue.orFailed(() -> queues.apply(queue).command(command));
    }

    @Override
    public CompletableFuture<List<WaitingCommand>> obey(String queue, String worker, List<CommandAnswer> answers) {
        CommandAnswer.check(answers);
        return RedisQueue.orFailed(() -> queues.apply(queue).obey(worker, answers));
    }

    @Override
    public CompletableFuture<Optional<byte[]>> answer(String queue, String id) {
        return RedisQueue.orFailed(() -> queues.apply(queue).answer(id));
    }
}
