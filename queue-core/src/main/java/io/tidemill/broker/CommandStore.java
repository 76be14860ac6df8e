package io.tidemill.broker;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Keeps what operators ask of single workers, of a broker that has {@link Ability#CONTROL}: a command waits until its
 * worker has answered it, or until its time is over, and the answer is kept for a minute. Everything said of
 * {@link Broker} holds here, too.
 *
 * <p>{@link Operations#register} says whether commands wait, and {@link BrokerListener#commanded} hints at it.
 *
 * <p>Thread-safe.
 */
public interface CommandStore {

    /** Most commands that wait for one worker in one queue. */
    int MAX_WAITING = 100;

    /** How long an answer is kept, in ms. */
    long ANSWER_KEPT_MILLIS = 60_000;

    /**
     * Leaves a command for a worker that serves the queue. One whose id waits, or was answered, is left already:
     * nothing changes.
     */
    CompletableFuture<CommandReply> command(String queue, WorkerCommand command);

    /**
     * Keeps answers of a worker, and brings the commands that wait for it: in the order in which they were left, those
     * of one millisecond by id. An answer to a command that does not wait changes nothing. A command is brought until
     * it is answered, so the worker has to know what it has obeyed.
     *
     * @param answers 0 to {@value #MAX_WAITING}
     */
    CompletableFuture<List<WaitingCommand>> obey(String queue, String worker, List<CommandAnswer> answers);

    /** The answer to a command; empty if none is kept. */
    CompletableFuture<Optional<byte[]>> answer(String queue, String id);
}
