package io.tidemill.benchmarks.compare;

import io.tidemill.benchmarks.Histogram;
import io.tidemill.benchmarks.Mail;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What Redis itself can do on this machine: the least that could be called a queue (a string per job and a list), on
 * plain sockets, with no promise of any kind. Nobody can be much faster in the same way; sending fewer and larger
 * requests can be.
 */
final class Limit implements Contender {

    private static final String ENQUEUE =
            "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('RPUSH', KEYS[2], KEYS[1])";
    /** Removes what the last call brought, and brings the next. */
    private static final String PROCESS = """
            if #KEYS > 1 then redis.call('DEL', unpack(KEYS, 2)) end
            local ids = redis.call('LRANGE', KEYS[1], 0, ARGV[1] - 1)
            if #ids == 0 then return {} end
            redis.call('LTRIM', KEYS[1], ARGV[1], -1)
            return { ids, redis.call('MGET', unpack(ids)) }
            """;

    private static final byte[] LIST = Wire.bytes("bare");
    private static final byte[] EVALSHA = Wire.bytes("EVALSHA");
    private static final byte[] TWO = Wire.bytes("2");

    private final int port;

    Limit(int port) {
        this.port = port;
    }

    @Override
    public String name() {
        return "limit";
    }

    @Override
    public String version() {
        return "limit: plain sockets, a string per job and a list";
    }

    @Override
    public double enqueueSingle(Plan plan) {
        try (Wire wire = new Wire(port)) {
            byte[] script = load(wire, ENQUEUE);
            byte[] payload = payload(Mail.BYTES);
            long stored = 0;
            int unanswered = 0;
            long start = System.nanoTime();
            long until = start + (long) (plan.seconds() * 1e9);
            do {
                while (unanswered < plan.inFlight()) {
                    wire.begin(6);
                    wire.add(EVALSHA);
                    wire.add(script);
                    wire.add(TWO);
                    wire.add(key(stored++));
                    wire.add(LIST);
                    wire.add(payload);
                    unanswered++;
                }
                wire.flush();
                do {
                    wire.read();
                    unanswered--;
                } while (wire.hasMore());
            } while (System.nanoTime() - until < 0);
            while (unanswered-- > 0) {
                wire.read();
            }
            return stored / ((System.nanoTime() - start) / 1e9);
        }
    }

    @Override
    public double enqueueBulk(Plan plan) {
        try (Wire wire = new Wire(port)) {
            byte[] payload = payload(Mail.BYTES);
            long stored = 0;
            int unanswered = 0;
            long start = System.nanoTime();
            long until = start + (long) (plan.seconds() * 1e9);
            do {
                sendBatch(wire, stored, plan.batch(), payload);
                stored += plan.batch();
                if (++unanswered == plan.batchesInFlight()) {
                    readBatch(wire);
                    unanswered--;
                }
            } while (System.nanoTime() - until < 0);
            while (unanswered-- > 0) {
                readBatch(wire);
            }
            return stored / ((System.nanoTime() - start) / 1e9);
        }
    }

    @Override
    public void store(int jobs, int bytes, long delayMillis) {
        byte[] payload = payload(bytes);
        try (Wire wire = new Wire(port)) {
            int batch = Math.min(1000, jobs);
            for (int stored = 0; stored < jobs; stored += batch) {
                if (delayMillis > 0) {
                    sendDelayed(wire, stored, batch, payload, System.currentTimeMillis() + delayMillis);
                } else {
                    sendBatch(wire, stored, batch, payload);
                }
                readBatch(wire);
            }
        }
    }

    private static void sendBatch(Wire wire, long from, int size, byte[] payload) {
        wire.begin(1 + 2 * size);
        wire.add(Wire.bytes("MSET"));
        for (int i = 0; i < size; i++) {
            wire.add(key(from + i));
            wire.add(payload);
        }
        wire.begin(2 + size);
        wire.add(Wire.bytes("RPUSH"));
        wire.add(LIST);
        for (int i = 0; i < size; i++) {
            wire.add(key(from + i));
        }
        wire.flush();
    }

    private static void sendDelayed(Wire wire, long from, int size, byte[] payload, long due) {
        wire.begin(1 + 2 * size);
        wire.add(Wire.bytes("MSET"));
        for (int i = 0; i < size; i++) {
            wire.add(key(from + i));
            wire.add(payload);
        }
        wire.begin(2 + 2 * size);
        wire.add(Wire.bytes("ZADD"));
        wire.add(LIST);
        for (int i = 0; i < size; i++) {
            wire.add(Wire.bytes(Long.toString(due)));
            wire.add(key(from + i));
        }
        wire.flush();
    }

    private static void readBatch(Wire wire) {
        wire.read();
        wire.read();
    }

    /** Two calls in flight, each for half of the concurrency. */
    @Override
    public double process(Plan plan, int jobs) {
        store(jobs, Mail.BYTES, 0);
        try (Wire wire = new Wire(port)) {
            byte[] script = load(wire, PROCESS);
            byte[] limit = Wire.bytes(Integer.toString(Math.max(1, plan.concurrency() / 2)));
            long start = System.nanoTime();
            int ended = 0;
            ask(wire, script, limit, List.of());
            ask(wire, script, limit, List.of());
            wire.flush();
            int unanswered = 2;
            while (unanswered > 0) {
                List<?> reply = (List<?>) wire.read();
                unanswered--;
                if (!reply.isEmpty()) {
                    List<?> keys = (List<?>) reply.get(0);
                    ended += keys.size();
                    ask(wire, script, limit, keys);
                    wire.flush();
                    unanswered++;
                }
            }
            if (ended != jobs) {
                throw new IllegalStateException(ended + " of " + jobs + " jobs came back");
            }
            return jobs / ((System.nanoTime() - start) / 1e9);
        }
    }

    private static void ask(Wire wire, byte[] script, byte[] limit, List<?> done) {
        wire.begin(5 + done.size());
        wire.add(EVALSHA);
        wire.add(script);
        wire.add(Wire.bytes(Integer.toString(1 + done.size())));
        wire.add(LIST);
        for (Object key : done) {
            wire.add((byte[]) key);
        }
        wire.add(limit);
    }

    /** RPUSH to a thread that waits in BLPOP. */
    @Override
    public Latency latency(Plan plan) {
        int total = plan.unmeasured() + plan.samples();
        Histogram histogram = new Histogram();
        List<Long> started = new ArrayList<>();
        Semaphore ends = new Semaphore(0);
        try (Wire producer = new Wire(port);
                Wire consumer = new Wire(port)) {
            Thread thread = new Thread(
                    () -> {
                        for (int i = 0; i < total; i++) {
                            consumer.call("BLPOP", "bare", "0");
                            started.add(System.nanoTime());
                            ends.release();
                        }
                    },
                    "limit-consumer");
            thread.setDaemon(true);
            thread.start();
            String payload = Wire.text(payload(Mail.BYTES));
            for (int i = 0; i < total; i++) {
                long before = System.nanoTime();
                producer.call("RPUSH", "bare", payload);
                ends.acquireUninterruptibly();
                if (i >= plan.unmeasured()) {
                    histogram.record(started.get(i) - before);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(plan.pauseMillis()));
            }
        }
        return Latency.of(histogram);
    }

    @Override
    public void close() {}

    /** As long as Tidemill's and BullMQ's keys are, or nearly so. */
    private static byte[] key(long number) {
        return Wire.bytes("bare:" + (1_000_000_000L + number));
    }

    private static byte[] payload(int bytes) {
        Mail mail = Mail.of(bytes);
        return Wire.bytes(
                "{\"to\":\"" + mail.to() + "\",\"subject\":\"" + mail.subject() + "\",\"n\":" + mail.n() + "}");
    }

    private static byte[] load(Wire wire, String script) {
        return (byte[]) wire.call("SCRIPT", "LOAD", script);
    }
}
