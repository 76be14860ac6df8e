package io.tidemill.conformance.fault;

import io.tidemill.conformance.fault.RespReader.Frame;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A way to a Redis on this machine that fails on purpose. It reads what passes, pairs every answer with its request,
 * and lets requests meet the faults that a {@link FaultPlan} says. What matters most is {@link Fault#LOST_REPLY}: Redis
 * has executed the request and the client cannot know.
 *
 * <pre>{@code
 * FaultProxy proxy = FaultProxy.to(redis.port(), Map.of(sha1, "complete"));
 * broker = RedisBroker.connect(proxy.uri());
 * proxy.plan(FaultPlan.first("complete", Fault.LOST_REPLY));
 * }</pre>
 *
 * <p>An error as answer, as {@code NOSCRIPT}, means that nothing was executed: then the fault is kept for the next
 * request of the same name, and so it is when the connection breaks first. A connection that subscribes is passed on
 * unread from then on. For plain connections of one user without password; not for {@code MONITOR}, {@code CLIENT
 * REPLY} or TLS. When Redis is away, connections are accepted and closed.
 *
 * <p>Long, because requests, answers and faults of one connection share the state of that connection.
 *
 * <p>Thread-safe. Two threads per connection, all daemons, which end with {@link #close}.
 */
public final class FaultProxy implements AutoCloseable {

    private static final Duration DELAY = Duration.ofMillis(100);
    private static final Duration STRAGGLER_LEAST = Duration.ofMillis(50);
    private static final Duration STRAGGLER_MOST = Duration.ofMillis(1_550);
    private static final int BACKLOG = 200;
    private static final Set<String> SUBSCRIBES = Set.of("SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE");

    private final ServerSocket door;
    private final int port;
    private final Map<String, String> scripts;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final Map<String, Map<Fault, LongAdder>> done = new ConcurrentHashMap<>();
    private final Map<String, Fault> kept = new ConcurrentHashMap<>();
    private final LongAdder alongside = new LongAdder();
    private final ScheduledExecutorService stragglers =
            Executors.newSingleThreadScheduledExecutor(work -> thread(work, "fault-proxy-straggler"));
    private volatile FaultPlan plan = FaultPlan.NONE;
    private volatile long stragglerLeast = STRAGGLER_LEAST.toMillis();
    private volatile long stragglerMost = STRAGGLER_MOST.toMillis();

    private FaultProxy(int port, Map<String, String> scripts) {
        this.port = port;
        this.scripts = Map.copyOf(scripts);
        try {
            door = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("a proxy could not be opened", e);
        }
        thread(this::accept, "fault-proxy-door").start();
    }

    /**
     * A way to the Redis on this port of 127.0.0.1.
     *
     * @param scripts names of scripts, by the SHA-1 of their text in hexadecimal, lower case
     */
    public static FaultProxy to(int port, Map<String, String> scripts) {
        return new FaultProxy(port, scripts);
    }

    /** Where it listens, as {@code RedisBroker.connect} takes it. */
    public String uri() {
        return "redis://127.0.0.1:" + door.getLocalPort();
    }

    /** From now on requests meet the faults of this plan. */
    public void plan(FaultPlan value) {
        plan = value;
        kept.clear();
    }

    /**
     * How much later than it should a straggler, or a request that is held back, reaches Redis: each as long as chance
     * has it. Default 50 to 1,550 ms.
     */
    public void stragglersAfter(Duration least, Duration most) {
        stragglerLeast = least.toMillis();
        stragglerMost = most.toMillis();
    }

    /** How many requests of this name have met this fault; with {@link Fault#NONE} how many there were in all. */
    public long count(String name, Fault fault) {
        LongAdder count = done.getOrDefault(name, Map.of()).get(fault);
        return count == null ? 0 : count.sum();
    }

    /**
     * How many other requests were on a connection when it was cut, or went into silence, and so lost their answers,
     * too.
     */
    public long alongside() {
        return alongside.sum();
    }

    /** A table of what happened: a line per name, a column per fault. */
    public String table() {
        StringBuilder table = new StringBuilder(String.format(Locale.ROOT, "%-12s%10s", "", "requests"));
        for (Fault fault : Fault.values()) {
            if (fault != Fault.NONE) {
                table.append(String.format(Locale.ROOT, "%12s", fault.name().toLowerCase(Locale.ROOT)));
            }
        }
        for (String name : new TreeMap<>(done).keySet()) {
            table.append(String.format(Locale.ROOT, "%n%-12s%10d", name, count(name, Fault.NONE)));
            for (Fault fault : Fault.values()) {
                if (fault != Fault.NONE) {
                    table.append(String.format(Locale.ROOT, "%12d", count(name, fault)));
                }
            }
        }
        return table.toString();
    }

    /** Cuts all connections. */
    public void cut() {
        links.forEach(link -> link.end(false));
    }

    @Override
    public void close() {
        quietly(door);
        stragglers.shutdownNow();
        cut();
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                try {
                    new Link(client, server()).start();
                } catch (IOException e) {
                    // Redis is away; the client learns it as it would from a server that closes.
                    quietly(client);
                }
            } catch (IOException e) {
                // Closed, and the loop ends; or one connection failed, and the next may not.
            }
        }
    }

    private Socket server() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    private void keep(@Nullable Pending request) {
        if (request != null && request.fault() != Fault.NONE) {
            kept.putIfAbsent(request.name(), request.fault());
        }
    }

    private void happened(String name, Fault fault) {
        done.computeIfAbsent(name, n -> new ConcurrentHashMap<>())
                .computeIfAbsent(fault, f -> new LongAdder())
                .increment();
    }

    private String name(String command, Frame frame) {
        return switch (command) {
            case "EVALSHA" -> scripts.getOrDefault(frame.word(1).toLowerCase(Locale.ROOT), command);
            case "EVAL" -> scripts.getOrDefault(sha1(frame.word(1)), command);
            default -> command;
        };
    }

    private static String sha1(String text) {
        try {
            byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-1", e);
        }
    }

    private static Thread thread(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    private static void quietly(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            // It was closed already.
        }
    }

    /** A request on its way. */
    private record Pending(String name, Fault fault, Frame request) {}

    /** One connection of a client and the one to Redis that belongs to it. */
    private final class Link {

        private final Socket client;
        private final Socket server;
        private final Queue<Pending> pending = new ConcurrentLinkedQueue<>();
        private volatile boolean isPassedUnread;
        private volatile boolean isSilent;

        Link(Socket client, Socket server) throws IOException {
            this.client = client;
            this.server = server;
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
        }

        void start() {
            links.add(this);
            thread(() -> run(this::requests), "fault-proxy-requests").start();
            thread(() -> run(this::replies), "fault-proxy-replies").start();
        }

        private void run(Direction direction) {
            try {
                direction.run();
            } catch (IOException | NumberFormatException e) {
                // Broken by one side, or not RESP: the other learns of it by the close.
            } finally {
                end(false);
            }
        }

        private void requests() throws IOException {
            RespReader reader = new RespReader(client.getInputStream());
            OutputStream out = new BufferedOutputStream(server.getOutputStream());
            for (Frame frame = reader.next(); frame != null; frame = reader.next()) {
                if (!isPassedUnread) {
                    String command = frame.word(0).toUpperCase(Locale.ROOT);
                    isPassedUnread = SUBSCRIBES.contains(command);
                    Pending request = isPassedUnread ? null : request(name(command, frame), frame);
                    if (request != null && request.fault() == Fault.RESET) {
                        out.flush();
                        happened(request.name(), Fault.RESET);
                        alongside.add(pending.size());
                        end(true);
                        return;
                    }
                    if (request != null && request.fault() == Fault.HELD_BACK) {
                        out.flush();
                        alongside.add(pending.size());
                        straggle(request);
                        end(false);
                        return;
                    }
                    if (request != null) {
                        pending.add(request);
                    }
                }
                out.write(frame.bytes());
                if (!reader.hasMore()) {
                    out.flush();
                }
            }
        }

        private Pending request(String name, Frame frame) {
            happened(name, Fault.NONE);
            Fault left = isSilent ? Fault.NONE : kept.remove(name);
            Fault fault = left != null ? left : plan.next(name);
            return new Pending(name, fault, frame);
        }

        private void replies() throws IOException {
            RespReader reader = new RespReader(server.getInputStream());
            OutputStream out = new BufferedOutputStream(client.getOutputStream());
            for (Frame frame = reader.next(); frame != null; frame = reader.next()) {
                Pending request = isPassedUnread || frame.isPush() ? null : pending.poll();
                Fault fault = request == null ? Fault.NONE : request.fault();
                if (isSilent) {
                    alongside.increment();
                    keep(request);
                    continue;
                }
                if (request != null && fault != Fault.NONE) {
                    if (frame.isError()) {
                        keep(request);
                        fault = Fault.NONE;
                    } else {
                        if (fault != Fault.STRAGGLER) {
                            happened(request.name(), fault);
                        }
                    }
                }
                switch (fault) {
                    case LOST_REPLY -> {
                        out.flush();
                        alongside.add(pending.size());
                        end(false);
                        return;
                    }
                    case SILENCE -> {
                        out.flush();
                        isSilent = true;
                    }
                    case DELAY -> {
                        out.flush();
                        pause();
                    }
                    default -> {
                        // Nothing on this way back.
                    }
                }
                if (!isSilent) {
                    out.write(frame.bytes());
                    if (!reader.hasMore()) {
                        out.flush();
                    }
                    if (request != null && fault == Fault.STRAGGLER) {
                        straggle(request);
                    }
                }
            }
        }

        private void pause() {
            long end = System.nanoTime() + DELAY.toNanos();
            for (long left = DELAY.toNanos(); left > 0 && !client.isClosed(); left = end - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }

        private void straggle(Pending request) {
            try {
                long wait = ThreadLocalRandom.current().nextLong(stragglerLeast, stragglerMost + 1);
                stragglers.schedule(() -> send(request), wait, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                // The proxy is closed.
            }
        }

        private void send(Pending request) {
            try (Socket late = server()) {
                late.getOutputStream().write(request.request().bytes());
                Frame answer = new RespReader(late.getInputStream()).next();
                if (answer != null && answer.isError()) {
                    keep(request);
                } else if (answer != null) {
                    happened(request.name(), request.fault());
                }
            } catch (IOException e) {
                // Redis is away: then it is lost on its way.
            }
        }

        /**
         * Closes both sides.
         *
         * @param hard by a reset instead of an orderly end
         */
        void end(boolean hard) {
            links.remove(this);
            // What was still to come here is kept for another connection.
            for (Pending left = pending.poll(); left != null; left = pending.poll()) {
                if (left.fault() == Fault.STRAGGLER) {
                    straggle(left);
                } else {
                    keep(left);
                }
            }
            if (hard) {
                try {
                    client.setSoLinger(true, 0);
                } catch (IOException e) {
                    // It is closed already.
                }
            }
            quietly(client);
            quietly(server);
        }
    }

    /** One direction of a connection. */
    @FunctionalInterface
    private interface Direction {
        void run() throws IOException;
    }
}
