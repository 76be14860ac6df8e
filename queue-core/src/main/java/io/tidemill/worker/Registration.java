package io.tidemill.worker;

import io.tidemill.broker.Broker;
import io.tidemill.message.WorkerRecord;
import io.tidemill.time.Clock;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells operators that this worker is there: every 10 s, for 30 s. Nothing that runs jobs depends on it, so a failure
 * is only logged, and a worker that was killed is forgotten by itself.
 *
 * <p>Thread-safe.
 */
final class Registration {

    private static final Logger log = LoggerFactory.getLogger(Registration.class);

    private static final Duration PERIOD = Duration.ofSeconds(10);
    private static final Duration LASTS = Duration.ofSeconds(30);
    private static final long LEAVE_MILLIS = 500;

    private final Broker broker;
    private final Clock clock;
    private final String worker;
    private final Set<String> queues;
    private final byte[] info;
    private volatile long nextNanos;

    Registration(Broker broker, Clock clock, String worker, WorkerOptions options, Set<String> tasks) {
        this.broker = broker;
        this.clock = clock;
        this.worker = worker;
        this.queues = options.queues();
        this.info = new WorkerRecord(
                        host(),
                        ProcessHandle.current().pid(),
                        clock.millis(),
                        options.concurrency(),
                        options.queues(),
                        tasks)
                .encode();
        this.nextNanos = clock.nanos();
    }

    /** Tells again if it is time. */
    void renew() {
        if (nextNanos - clock.nanos() <= 0) {
            nextNanos = clock.nanos() + PERIOD.toNanos();
            tell(LASTS.toMillis());
        }
    }

    /** Takes it back, and waits a little until that has arrived. */
    void leave() {
        try {
            tell(0).get(LEAVE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.debug("worker {} could not be taken off the list; it expires by itself", worker);
        }
    }

    private CompletableFuture<Void> tell(long ttlMillis) {
        return CompletableFuture.allOf(
                queues.stream().map(queue -> tell(queue, ttlMillis)).toArray(CompletableFuture<?>[]::new));
    }

    private CompletableFuture<Void> tell(String queue, long ttlMillis) {
        try {
            return broker.operations().register(queue, worker, info, ttlMillis).whenComplete((done, failure) -> {
                if (failure != null) {
                    log.debug("queue {}: worker {} could not be listed: {}", queue, worker, failure.getMessage());
                }
            });
        } catch (RuntimeException e) {
            log.debug("queue {}: worker {} could not be listed", queue, worker, e);
            return CompletableFuture.completedFuture(null);
        }
    }

    private static String host() {
        String name = System.getenv("HOSTNAME");
        if (name != null && !name.isBlank()) {
            return name;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
