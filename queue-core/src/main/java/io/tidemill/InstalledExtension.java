package io.tidemill;

import io.tidemill.broker.Broker;
import io.tidemill.client.TaskClient;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.QueueListener;
import io.tidemill.lifecycle.Service;
import io.tidemill.observe.Observers;
import io.tidemill.task.TaskDefinition;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** An extension as a part of a queue that starts and stops with the others. Thread-safe. */
final class InstalledExtension implements Service {

    private final Extension extension;
    private final Extension.Parts parts;
    private final AtomicBoolean isRunning = new AtomicBoolean();

    InstalledExtension(Extension extension, Extension.Parts parts) {
        this.extension = extension;
        this.parts = parts;
    }

    @Override
    public void start() {
        extension.start(parts);
        isRunning.set(true);
    }

    @Override
    public void stop() {
        if (isRunning.compareAndSet(true, false)) {
            extension.stop();
        }
    }

    /** What extensions are given. */
    record Parts(
            TaskClient client,
            Broker broker,
            Clock clock,
            Map<String, TaskDefinition> definitions,
            Set<String> queues,
            Supplier<Health> healthNow,
            Observers observers)
            implements Extension.Parts {

        @Override
        public Health health() {
            return healthNow.get();
        }

        @Override
        public void listen(QueueListener listener) {
            observers.listen(listener);
        }

        @Override
        public void publish(QueueEvent event) {
            observers.publish(event);
        }

        @Override
        public <V> CompletableFuture<V> ask(
                String hop, String queue, int size, Supplier<? extends CompletableFuture<V>> request) {
            return observers.ask(hop, queue, size, request);
        }

        @Override
        public Background background(String name, Duration allowed, String problem, Background.Round round) {
            return new ExtensionLoop(observers, clock, name, allowed, problem, round);
        }
    }
}
