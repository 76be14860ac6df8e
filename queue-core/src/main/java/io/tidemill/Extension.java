package io.tidemill;

import io.tidemill.broker.Broker;
import io.tidemill.client.TaskClient;
import io.tidemill.event.Probe;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.QueueListener;
import io.tidemill.task.TaskDefinition;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

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

        /** Publishes an event to all listeners of the queue, on this thread: what the extension has done. */
        void publish(QueueEvent event);

        /**
         * Sends a request to the broker as the queue itself does: its probes measure it, its health knows of the
         * answer, and an outage is noticed. A request that throws gives a future that has failed.
         *
         * @param hop what the request is called, as {@link Probe.Hop#name} says
         * @param queue the queue that it is about; empty for several
         * @param size how large it is, as {@link Probe.Hop#size} says
         */
        <V> CompletableFuture<V> ask(
                String hop, String queue, int size, Supplier<? extends CompletableFuture<V>> request);

        /**
         * Work that the extension does again and again, on a thread of its own. It does not run yet.
         *
         * @param name its name, such as {@code tick}: that of a check of {@link TaskQueue#health}, and with
         *     {@code tidemill-} before it the name of the thread and of a second check
         * @param allowed how long ago it may have been done before health says that it is a problem
         * @param problem what is wrong then, without an end: "no schedule was looked at"
         * @param round one round of it
         */
        Background background(String name, Duration allowed, String problem, Background.Round round);
    }
}
