package io.tidemill.redis;

import io.lettuce.core.api.StatefulConnection;
import io.netty.util.Timeout;
import io.tidemill.async.Answers;
import io.tidemill.async.PerQueue;
import io.tidemill.async.Safely;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.event.Probe;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptRequest;
import io.tidemill.redis.script.ScriptRunner;
import io.tidemill.task.BrokerException;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request again until it is answered or its time is up. Every script is safe to repeat, and carries the server
 * time after which it does nothing, so that a straggler cannot act on what its sender has given up.
 *
 * <p>Backs off from 20 ms to 1 s with full jitter. Thread-safe.
 */
final class Requests {

    private static final long FIRST_BACKOFF = 20;
    private static final long MOST_BACKOFF = 1_000;
    /** The shortest lease that a worker may ask for; claims with shorter ones have as long to arrive. */
    private static final long SHORTEST_LEASE = 1_000;
    /** How long a script remembers the number of a request, by the server's clock. */
    private static final long REMEMBERED = 3_600_000;

    private final RedisLink link;
    private final RedisOptions options;
    /** One for all queues; of a cluster each node has its own time, so one per queue. */
    private final PerQueue<ServerClock> clocks = new PerQueue<>(queue -> new ServerClock(), clock -> true);

    private final Set<Attempts> inFlight = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;
    /** Null while nobody wants to know how long scripts take. */
    private volatile @Nullable Probe probe;

    Requests(RedisLink link, RedisOptions options) {
        this.link = link;
        this.options = options;
    }

    /** Gives this probe each script from now on. */
    void measure(Probe value) {
        probe = value;
    }

    private void measure(CompletionStage<List<Object>> reply, Script script, long sent) {
        Probe measuring = probe;
        if (measuring == null) {
            return;
        }
        try {
            reply.whenComplete((parts, failure) -> measuring.executed(
                    new Executed(script.hop(), Duration.ofNanos(Clock.system().nanos() - sent), failure != null)));
        } catch (Throwable t) {
            // The script was sent: an error of the machine, as a full heap, must not cost the caller its reply.
        }
    }

    private record Executed(String name, Duration took, boolean hasFailed) implements Probe.Script {}

    /** When a request that is made now is given up. */
    Deadline deadline() {
        return Deadline.in(options.requestTimeout(), "requestTimeout");
    }

    /**
     * As {@link #deadline()}, for a request that also claims. It is given up when its lease would be over: a request
     * that arrives later finds its token unknown and would claim jobs that no worker runs.
     */
    Deadline deadline(@Nullable ClaimRequest claim) {
        if (claim == null) {
            return deadline();
        }
        Duration lease = Duration.ofMillis(Math.max(SHORTEST_LEASE, claim.leaseMillis()));
        return lease.compareTo(options.requestTimeout()) < 0 ? Deadline.in(lease, "the lease asked for") : deadline();
    }

    /** Sends one request, unless its time is up already. Fills in until when it counts. */
    CompletableFuture<Reply> send(
            Connector<StatefulConnection<byte[], byte[]>> connector,
            String queue,
            ScriptRequest request,
            Deadline deadline) {
        Safely.reserveStackToSend();
        if (deadline.isOver()) {
            return CompletableFuture.failedFuture(
                    Failures.notSent(request.script().hop(), queue, link.address(), deadline));
        }
        Attempts attempts = new Attempts(connector, queue, request, deadline);
        try {
            inFlight.add(attempts);
            attempts.reply.whenComplete((answer, failure) -> inFlight.remove(attempts));
            attempts.watch();
            attempts.start();
        } catch (Throwable t) {
            // It ends here, and a retry that was already planned does not send it.
            attempts.brokenOff(t);
        }
        return attempts.reply;
    }

    /** Fails what is in flight and what is sent from now on. */
    void close() {
        closed = true;
        inFlight.forEach(Attempts::closed);
    }

    /**
     * The first argument of every script: until when it may act, and in which database it runs unless that is the
     * first.
     */
    private String notAfter(ServerClock clock, Deadline deadline) {
        String until = Long.toString(clock.in(deadline.millisLeft()));
        return link.database() == 0 ? until : until + " " + link.database();
    }

    /** That of the server that holds the queue. */
    ServerClock clock(String queue) {
        return clocks.of(link.isCluster() ? queue : "");
    }

    private final class Attempts {

        private final Connector<StatefulConnection<byte[], byte[]>> connector;
        private final String queue;
        private final Script script;
        private final ScriptRequest request;
        private final ServerClock clock;
        private final CompletableFuture<Reply> reply = new CompletableFuture<>();
        private final Deadline deadline;
        private volatile boolean sent;
        /** When the latest attempt was sent. */
        private volatile long sentNanos;

        private int made;
        private boolean mayHaveRun;
        /** What the server's clock said when it was sent first, or a little less; 0 if that is not known. */
        private long begun;

        Attempts(
                Connector<StatefulConnection<byte[], byte[]>> connector,
                String queue,
                ScriptRequest request,
                Deadline deadline) {
            this.connector = connector;
            this.queue = queue;
            this.request = request;
            script = request.script();
            this.deadline = deadline;
            clock = clock(queue);
        }

        /** The deadline holds whatever it waits for: a connection or an answer. */
        void watch() {
            try {
                Timeout alarm = link.after(deadline.left(), this::outOfTime);
                reply.whenComplete((answer, failure) -> alarm.cancel());
            } catch (IllegalStateException | RejectedExecutionException e) {
                // The broker is being closed, which fails what is in flight.
            }
        }

        private void outOfTime() {
            if (!reply.isDone()) {
                giveUp(new IllegalStateException(sent ? "no answer yet" : "no connection yet"));
            }
        }

        void start() {
            begun = clock.in(0);
            request.with("notAfter", notAfter(clock, deadline));
            attempt();
        }

        private void attempt() {
            if (closed) {
                reply.completeExceptionally(Failures.closed(script.hop(), queue));
                return;
            }
            made++;
            connector.connection().thenCompose(this::run).whenComplete(this::answered);
        }

        /** The connection may come after the request was given up; then it must not run any more. */
        private CompletionStage<List<Object>> run(StatefulConnection<byte[], byte[]> connection) {
            if (reply.isDone()) {
                return CompletableFuture.failedStage(new IllegalStateException("given up"));
            }
            long now = Clock.system().nanos();
            sentNanos = now;
            sent = true;
            CompletionStage<List<Object>> answer = ScriptRunner.run(connection, request);
            measure(answer, script, now);
            return answer;
        }

        private void answered(@Nullable List<Object> parts, @Nullable Throwable failure) {
            if (failure != null || parts == null) {
                failed(Answers.unwrapped(failure != null ? failure : new IllegalStateException("empty reply")));
                return;
            }
            connector.sawReply();
            Reply answer = new Reply(script, parts);
            boolean isLate;
            try {
                isLate = answer.isLate();
                clock.sawMillis(answer.serverMillis(), sentNanos);
            } catch (RuntimeException e) {
                reply.completeExceptionally(Failures.unreadable(script.hop(), queue, link.address(), e));
                return;
            }
            if (!isLate) {
                reply.complete(answer);
            } else if (isForgotten(answer.serverMillis())) {
                giveUp(new IllegalStateException(
                        "the server's clock was set ahead by more than an hour, so it has forgotten whether it"
                                + " did this"));
            } else if (deadline.millisLeft() > 0) {
                // Not late by our clock: the server's has moved, as after a failover. Ask again by the new one.
                request.with("notAfter", notAfter(clock, deadline));
                again(new IllegalStateException("the server's clock was set"));
            } else {
                giveUp(new IllegalStateException("the request arrived too late"));
            }
        }

        /**
         * Whether an earlier attempt may have been executed and its number have expired since: then it is not known,
         * and another attempt might do it twice.
         */
        private boolean isForgotten(long serverMillis) {
            return mayHaveRun && script.isNumbered() && serverMillis - begun >= REMEMBERED;
        }

        private void failed(Throwable failure) {
            if (Failures.isTimeout(failure)) {
                connector.sawTimeout();
            } else if (!Failures.isUnknown(failure)) {
                connector.sawReply();
            }
            if (closed) {
                closed();
            } else if (failure instanceof BrokerException) {
                // The server failed the checks; the message says why.
                reply.completeExceptionally(failure);
            } else if (Failures.isPassing(failure) || (link.isCluster() && Failures.isRedirect(failure))) {
                mayHaveRun |= Failures.isUnknown(failure);
                again(failure);
            } else if (mayHaveRun && !"OOM".equals(Failures.code(failure))) {
                giveUp(failure);
            } else {
                reply.completeExceptionally(Failures.refused(script.hop(), queue, link.address(), failure));
            }
        }

        private void again(Throwable failure) {
            if (reply.isDone()) {
                return;
            }
            long most = Math.min(MOST_BACKOFF, FIRST_BACKOFF << Math.min(made, 10));
            long wait = ThreadLocalRandom.current().nextLong(FIRST_BACKOFF / 2, most);
            if (wait >= deadline.millisLeft()) {
                giveUp(failure);
                return;
            }
            try {
                link.timer().schedule(this::attempt, wait, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                giveUp(failure);
            }
        }

        void closed() {
            reply.completeExceptionally(Failures.closedMeanwhile(script.hop(), queue, link.address()));
        }

        void brokenOff(Throwable thrown) {
            inFlight.remove(this);
            reply.completeExceptionally(Failures.brokenOff(script.hop(), queue, link.address(), thrown));
        }

        private void giveUp(Throwable failure) {
            reply.completeExceptionally(
                    Failures.unanswered(script.hop(), queue, link.address(), made, deadline, failure));
        }
    }
}
