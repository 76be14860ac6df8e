package io.tidemill.event;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An operator has changed the worker of this process. Published after the change.
 *
 * <p>Cases are added in later versions: give a {@code switch} over them a {@code default} branch. Immutable.
 */
public sealed interface WorkerEvent extends QueueEvent {

    /** The worker's id. */
    String worker();

    /** It claims no more jobs. Not published if it was so before. */
    record Quieted(String worker) implements WorkerEvent {}

    /** It claims jobs again. Not published if it was so before. */
    record Resumed(String worker) implements WorkerEvent {}

    /**
     * It runs another number of jobs at once.
     *
     * @param before how many before
     * @param jobs how many from now on
     */
    record Resized(String worker, int before, int jobs) implements WorkerEvent {}

    /**
     * Runs of a task that begin from now on have another timeout.
     *
     * @param limit null for the declared one
     */
    record TimeoutChanged(
            String worker, String task, @Nullable Duration limit) implements WorkerEvent {}

    /** It was asked to stop and has stopped: it runs no jobs in this process any more. */
    record Stopped(String worker) implements WorkerEvent {}
}
