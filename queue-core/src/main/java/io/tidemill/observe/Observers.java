package io.tidemill.observe;

import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.event.Probe;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.QueueListener;
import io.tidemill.lifecycle.Loop;
import io.tidemill.lifecycle.Outages;
import io.tidemill.text.LogNames;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everybody who watches one {@code TaskQueue}: events go to its listeners, measurements to its probes, in the order in
 * which they were registered. One that throws does not keep the others from being called.
 *
 * <p>Thread-safe.
 */
public final class Observers {

    private static final Logger log = LoggerFactory.getLogger(LogNames.LISTENER);

    private final List<QueueListener> listeners;
    private final List<Probe> probes;
    private final Clock clock;
    private final Outages outages;
    private final AwaitingRuns awaitingRuns = new AwaitingRuns();
    private final List<Loop> loops = new CopyOnWriteArrayList<>();
    private final List<Duty> duties = new CopyOnWriteArrayList<>();
    /** How many times {@link #publishLater} was called for what is not published yet. */
    private final AtomicInteger underWay = new AtomicInteger();

    /** Those who watch; listeners are called on the threads of the broker. */
    public Observers(List<QueueListener> listeners, List<Probe> probes, Clock clock) {
        this(listeners, probes, clock, Runnable::run);
    }

    /**
     * Those who watch.
     *
     * @param executor where events of the connection are published
     */
    public Observers(List<QueueListener> listeners, List<Probe> probes, Clock clock, Executor executor) {
        this.listeners = new CopyOnWriteArrayList<>(listeners);
        this.probes = List.copyOf(probes);
        this.clock = clock;
        this.outages = new Outages(clock, new ConnectionEvents(this::publish, executor));
    }

    /** What is known of the broker, and what fails there. */
    public Outages outages() {
        return outages;
    }

    /** Runs that wait for other jobs. */
    public AwaitingRuns awaitingRuns() {
        return awaitingRuns;
    }

    /** Calls one more listener, for events from now on. */
    public void listen(QueueListener listener) {
        listeners.add(listener);
    }

    /** Publishes an event. */
    public void publish(QueueEvent event) {
        each(listeners, event.getClass().getSimpleName(), listener -> listener.on(event));
    }

    /**
     * Publishes events later, on an executor. If it does not take them, that is logged, and they are not published.
     *
     * @param what what is published, for the log
     */
    public void publishLater(Executor executor, String what, Runnable publishing) {
        Runnable counted = () -> {
            try {
                publishing.run();
            } finally {
                underWay.decrementAndGet();
            }
        };
        underWay.incrementAndGet();
        boolean isTaken = false;
        try {
            isTaken = Safely.execute(executor, what, counted);
        } finally {
            if (!isTaken) {
                underWay.decrementAndGet();
            }
        }
    }

    /** Whether there are events that are published later, or listeners that they are given to now. */
    public boolean isPublishing() {
        return underWay.get() > 0;
    }

    /**
     * Sends a request to the broker, as {@link Safely#ask} does, remembers whether it was answered, and measures it if
     * there is a probe.
     *
     * @param hop the broker's method
     * @param queue the queue; empty if the request is about several
     * @param size how large the request is, as {@link Probe.Hop#size} says
     */
    public <V> CompletableFuture<V> ask(
            String hop, String queue, int size, Supplier<? extends @Nullable CompletableFuture<V>> request) {
        return ask(hop, queue, answer -> size, size, request);
    }

    /**
     * The same for a request whose size is known with its answer.
     *
     * @param size how large the request was by its answer; one without an answer has the size 0
     */
    public <V> CompletableFuture<V> ask(
            String hop,
            String queue,
            ToIntFunction<? super V> size,
            Supplier<? extends @Nullable CompletableFuture<V>> request) {
        return ask(hop, queue, size, 0, request);
    }

    private <V> CompletableFuture<V> ask(
            String hop,
            String queue,
            ToIntFunction<? super V> size,
            int unansweredSize,
            Supplier<? extends @Nullable CompletableFuture<V>> request) {
        long sentNanos = outages.sent();
        CompletableFuture<V> answer = Safely.ask(request);
        // The future of the broker is what the caller gets: one that depends on it would wrap its failure.
        try {
            answer.whenComplete((value, failure) -> {
                noteAnswer(hop, queue, sentNanos, failure);
                if (!probes.isEmpty()) {
                    measure(hop, queue, failure == null ? size.applyAsInt(value) : unansweredSize, sentNanos, failure);
                }
            });
        } catch (Throwable t) {
            // The request is on its way: an error of the machine, as a full heap, must not cost the caller its answer.
        }
        return answer;
    }

    private void noteAnswer(String hop, String queue, long sentNanos, @Nullable Throwable failure) {
        if (failure == null) {
            outages.answered();
        } else if (!Answers.isUnanswered(failure)) {
            outages.refused();
        } else {
            outages.unanswered(
                    sentNanos,
                    hop + (queue.isEmpty() ? "" : " on queue " + queue) + " failed: " + Answers.message(failure));
        }
    }

    private void measure(String hop, String queue, int size, long sentNanos, @Nullable Throwable failure) {
        Duration took = Duration.ofNanos(clock.nanos() - sentNanos);
        Answered answered = new Answered(hop, queue, size, took, failure != null);
        each(probes, hop, probe -> probe.answered(answered));
    }

    /** Passes the scripts of a broker on to the probes; empty if there are none, so that nobody measures in vain. */
    public Optional<Probe> scripts() {
        return probes.isEmpty()
                ? Optional.empty()
                : Optional.of(new Probe() {
                    @Override
                    public void executed(Script script) {
                        each(probes, script.name(), probe -> probe.executed(script));
                    }
                });
    }

    /** Shows a value to the probes: see {@link Probe.Gauge}. */
    public void gauge(String name, String owner, LongSupplier value) {
        each(probes, name, probe -> probe.gauge(new Reading(name, owner, value)));
    }

    /** A part of the queue has started, and has to do this from now on. */
    public void duty(Duty duty) {
        duties.add(duty);
    }

    /** What the parts have to do that have started. */
    public List<Duty> duties() {
        return List.copyOf(duties);
    }

    /** A part has stopped for good while the others go on: nothing more is expected of it. */
    public void gone(Collection<Loop> stopped, Collection<Duty> undone) {
        loops.removeAll(stopped);
        duties.removeAll(undone);
    }

    /** The loops of all parts that have started. */
    public List<Loop> loops() {
        return List.copyOf(loops);
    }

    /** A loop runs from now on. Shows to the probes how late it is. */
    public void loop(Loop loop) {
        loops.add(loop);
        gauge("loop.late", loop.name(), () -> loop.late().toMillis());
    }

    private record Answered(String name, String queue, int size, Duration took, boolean hasFailed)
            implements Probe.Hop {}

    private record Reading(String name, String owner, LongSupplier supplier) implements Probe.Gauge {

        @Override
        public long value() {
            return supplier.getAsLong();
        }
    }

    private static <O> void each(List<O> observers, String what, Consumer<O> action) {
        for (O observer : observers) {
            try {
                action.accept(observer);
            } catch (Throwable t) {
                log.warn("{} threw on {}", observer.getClass().getName(), what, t);
            }
        }
    }
}
