package io.tidemill.redis;

import io.lettuce.core.api.StatefulConnection;
import io.tidemill.async.Answers;
import io.tidemill.async.PerQueue;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.ClaimOffer;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.Subscription;
import io.tidemill.redis.Channels.Channel;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.keys.WireText;
import io.tidemill.redis.script.Commands;
import io.tidemill.time.Clock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives what Redis publishes and calls the listeners of this broker object. Every message is a hint and may be lost;
 * when a channel is subscribed to again after a lost connection, its worker looks for jobs.
 *
 * <p>Thread-safe.
 */
final class Wakeups {

    private static final Logger LOG = LoggerFactory.getLogger(RedisBroker.class);
    private static final long FAREWELL_MILLIS = 500;
    /** What command.lua says on the channel of a worker; all else there says that jobs are ready. */
    private static final String COMMAND = "command";

    private static final int MOST_DEPARTED = 100;
    /** Most commands in a row without an answer: a connection takes some thousands. */
    private static final int AT_ONCE = 1000;

    private record Listening(@Nullable String worker, Set<String> queues, BrokerListener listener) {

        boolean is(String queue, String name) {
            return name.equals(worker) && queues.contains(queue);
        }

        boolean hears(String queue) {
            return worker == null || queues.contains(queue);
        }
    }

    /** A channel on which ends of jobs of one queue are published. */
    private record Heard(Channel channel, CompletableFuture<Void> subscribed) {}

    private final RedisLink link;
    private final RedisOptions options;
    private final Connector<StatefulConnection<byte[], byte[]>> commands;
    private final Function<String, Keyspace> keyspaces;
    private final Channels channels;
    private final List<Listening> listenings = new CopyOnWriteArrayList<>();
    /** Workers that went, until the broker object goes too. */
    private final List<Listening> departed = new CopyOnWriteArrayList<>();

    private final PerQueue<Heard> finishedQueues = new PerQueue<>(this::hear, this::hearNoMore);
    /** Workers of this broker object per queue, as enqueue sends them: separated by commas. */
    private final Map<String, String> workers = new ConcurrentHashMap<>();

    private volatile boolean closed;

    Wakeups(
            RedisLink link,
            RedisOptions options,
            Connector<StatefulConnection<byte[], byte[]>> commands,
            Function<String, Keyspace> keyspaces) {
        this.link = link;
        this.options = options;
        this.commands = commands;
        this.keyspaces = keyspaces;
        channels = new Channels(link);
    }

    /** Workers that listen here for this queue, separated by commas. */
    String workers(String queue) {
        return workers.getOrDefault(queue, "");
    }

    /** Lets a worker of this broker object look at a queue. */
    void wake(String queue, String worker) {
        for (Listening listening : listenings) {
            if (listening.is(queue, worker)) {
                hint(() -> listening.listener().ready(queue));
            }
        }
    }

    private void heard(String queue, String worker, String what) {
        if (what.equals(COMMAND)) {
            commanded(queue, worker);
        } else {
            wake(queue, worker);
        }
    }

    private void commanded(String queue, String worker) {
        for (Listening listening : listenings) {
            if (listening.is(queue, worker)) {
                hint(() -> listening.listener().commanded(queue));
            }
        }
    }

    /** Asks the workers of this broker object for one that takes jobs which are about to be stored. */
    @Nullable
    ClaimOffer offer(String queue, int jobs) {
        if (!workers.containsKey(queue)) {
            return null;
        }
        for (Listening listening : listenings) {
            if (listening.worker() != null && listening.queues().contains(queue)) {
                ClaimOffer offer = offer(listening, queue, jobs);
                if (offer != null) {
                    return offer;
                }
            }
        }
        return null;
    }

    private static @Nullable ClaimOffer offer(Listening listening, String queue, int jobs) {
        try {
            ClaimOffer offer = listening.listener().offer(queue, jobs);
            if (offer == null
                    || (offer.request().limit() >= 1 && offer.request().limit() <= jobs)) {
                return offer;
            }
            LOG.warn(
                    "A listener offered to take {} of {} jobs; not taken",
                    offer.request().limit(),
                    jobs);
            offer.answer(ClaimReply.EMPTY, null);
        } catch (RuntimeException e) {
            LOG.warn("A listener failed to offer; the jobs are stored as ever", e);
        }
        return null;
    }

    Subscription listen(@Nullable String worker, Set<String> queues, BrokerListener listener) {
        Listening listening = new Listening(worker, Set.copyOf(queues), listener);
        listenings.add(listening);
        List<Channel> wanted = new ArrayList<>();
        if (worker != null) {
            for (String queue : listening.queues()) {
                Keyspace keys = keyspaces.apply(queue);
                wanted.add(new Channel(
                        keys.wakeChannel(worker), what -> heard(queue, worker, what), () -> wake(queue, worker)));
                wanted.add(
                        new Channel(keys.cancelChannel(), id -> cancelRequested(queue, WireText.show(id)), () -> {}));
            }
            countWorkers();
        }
        await(channels.subscribe(wanted));
        return new Subscription() {
            @Override
            public Duration silence() {
                return wanted.isEmpty() ? Duration.ZERO : channels.silence();
            }

            @Override
            public void rest() {
                if (listening.worker() != null) {
                    waitNoLonger(List.of(listening));
                }
            }

            @Override
            public void close() {
                listenNoMore(listening, wanted);
            }
        };
    }

    private void listenNoMore(Listening listening, List<Channel> wanted) {
        if (listenings.remove(listening)) {
            countWorkers();
            unsubscribeUnheard(wanted);
            if (listening.worker() != null && departed.size() < MOST_DEPARTED) {
                departed.add(listening);
            }
            waitNoLonger(List.of(listening));
        }
    }

    /**
     * Nobody of this broker object waits any longer. Said again for those that went before, because a claim that was
     * about to be sent when its worker went may have entered it once more; now nothing is about to be sent.
     */
    void farewell() {
        List<Listening> all = new ArrayList<>(departed);
        all.addAll(listenings);
        waitNoLonger(all);
    }

    /**
     * Takes a worker that goes out of those that wait to be woken. It goes the way that its claims go, so behind those
     * that are in flight and would enter it again. Waits for it a little, because the connection may be closed next; if
     * it does not work out, the id is trimmed later.
     */
    private void waitNoLonger(List<Listening> going) {
        if (closed || !commands.isConnected()) {
            return;
        }
        List<CompletableFuture<?>> removed = new ArrayList<>();
        long until = Clock.system().nanos() + TimeUnit.MILLISECONDS.toNanos(FAREWELL_MILLIS);
        try {
            for (Listening listening : going) {
                byte[] member = ("" + listening.worker()).getBytes(StandardCharsets.US_ASCII);
                for (String queue : listening.worker() == null ? Set.<String>of() : listening.queues()) {
                    byte[] key = keyspaces.apply(queue).waiting();
                    removed.add(commands.connection()
                            .thenCompose(
                                    connection -> Commands.async(connection).zrem(key, member)));
                    if (removed.size() == AT_ONCE) {
                        await(removed, until);
                        removed.clear();
                    }
                }
            }
            await(removed, until);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("A worker that goes could not be taken out of those that wait; it is trimmed later", e);
        }
    }

    private static void await(List<CompletableFuture<?>> all, long until)
            throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
                .get(Math.max(0, until - Clock.system().nanos()), TimeUnit.NANOSECONDS);
    }

    /**
     * Makes sure that ends of awaited jobs of a queue are heard; done also if that does not work out now, or takes
     * longer than an answer may take.
     */
    CompletableFuture<Void> hearFinished(String queue) {
        Heard heard = finishedQueues.of(queue);
        if (heard.subscribed().isCompletedExceptionally()) {
            finishedQueues.remove(queue, heard);
        }
        return heard.subscribed()
                .<Void>handle((done, failure) -> null)
                .completeOnTimeout(null, options.commandTimeout().toNanos(), TimeUnit.NANOSECONDS);
    }

    private Heard hear(String queue) {
        Channel channel = new Channel(
                keyspaces.apply(queue).finishedChannel(), id -> finished(queue, WireText.show(id)), () -> {});
        return new Heard(channel, channels.subscribe(List.of(channel)));
    }

    /** A caller that still awaits a job there looks again within a second, which subscribes again. */
    private boolean hearNoMore(Heard heard) {
        channels.unsubscribe(List.of(heard.channel()));
        return true;
    }

    void close() {
        closed = true;
        listenings.clear();
        channels.close();
    }

    private void unsubscribeUnheard(List<Channel> wanted) {
        Set<String> heard = new HashSet<>();
        for (Listening listening : listenings) {
            for (String queue : listening.worker() == null ? Set.<String>of() : listening.queues()) {
                Keyspace keys = keyspaces.apply(queue);
                heard.add(Channels.text(keys.cancelChannel()));
                heard.add(Channels.text(keys.wakeChannel("" + listening.worker())));
            }
        }
        channels.unsubscribe(wanted.stream()
                .filter(channel -> !heard.contains(channel.text()))
                .toList());
    }

    private void countWorkers() {
        Map<String, String> counted = new HashMap<>();
        for (Listening listening : listenings) {
            for (String queue : listening.worker() == null ? Set.<String>of() : listening.queues()) {
                counted.merge(queue, "" + listening.worker(), (a, b) -> a + "," + b);
            }
        }
        workers.keySet().retainAll(counted.keySet());
        workers.putAll(counted);
    }

    private void finished(String queue, String id) {
        for (Listening listening : listenings) {
            if (listening.hears(queue)) {
                hint(() -> listening.listener().finished(queue, id));
            }
        }
    }

    private void cancelRequested(String queue, String id) {
        for (Listening listening : listenings) {
            if (listening.worker() != null && listening.queues().contains(queue)) {
                hint(() -> listening.listener().cancelRequested(queue, id));
            }
        }
    }

    private static void hint(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            LOG.warn("A listener failed on a hint; the hint is lost and nothing else", e);
        }
    }

    /** A new listener needs messages from now on; if there is no connection yet, it does not wait for one. */
    private void await(CompletableFuture<Void> subscribed) {
        if (options.lazyConnect()) {
            return;
        }
        try {
            subscribed.get(options.commandTimeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn(
                    "Wake-ups from Redis at {} are not heard yet: {}; workers look by themselves meanwhile",
                    link.address(),
                    Answers.unwrapped(e).toString());
        }
    }
}
