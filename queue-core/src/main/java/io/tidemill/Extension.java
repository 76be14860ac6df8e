package io.tidemill;

import io.tidemill.broker.Broker;
import io.tidemill.client.TaskClient;
import io.tidemill.event.QueueListener;
import io.tidemill.task.TaskDefinition;
import io.tidemill.time.Clock;
import java.util.Map;
import java.util.Set;

/**
 * Adds something to a {@link TaskQueue} that lives as long as it does: a scheduler, metrics, a page. See
 * {@link TaskQueueBuilder#install}. Every method does nothing unless it is overridden.
 *
 * <p>Extensions start in the order in which they were installed, after the broker has connected and before the first
 * job is claimed. They stop in the reverse order, after the last running job has ended and before the broker is closed.
 * If one does not start, {@code start()} of the queue throws what it threw, and those that had started are stopped.
 *
 * <p>One object belongs to one queue. Its methods are called one after the other.
 */
public interface Extension {

    /** Adds to the description of the queue: listeners, interceptors, probes, tasks. Called by {@code install}. */
    default void configure(TaskQueueBuilder builder) {}

    /**
     * Starts.
     *
     * @param parts what it may use until it has stopped
     */
    default void start(Parts parts) {}

    /**
     * Stops, and waits until it has: it uses nothing of the queue after this. Called once, if {@code start} returned.
     */
    default void stop() {}

    /** The parts of a queue that an extension may use. Implemented by Tidemill; methods may be added. Thread-safe. */
    interface Parts {

        /** Enqueues jobs. */
        TaskClient client();

        /** Where jobs are kept. */
        Broker broker();

        /** Where time comes from. Read no other clock, so that tests can move it. */
        Clock clock();

        /** The tasks that this process runs, by name, with the settings of this process. */
        Map<String, TaskDefinition> definitions();

        /** The queues that this process serves; none if it only enqueues. */
        Set<String> queues();

        /** How the queue is doing now: see {@link TaskQueue#health}. */
        Health health();

        /** Calls this listener for every event from now on. */
        void listen(QueueListener listener);
    }
}
