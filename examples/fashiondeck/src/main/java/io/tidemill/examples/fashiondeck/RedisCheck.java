package io.tidemill.examples.fashiondeck;

import static io.tidemill.client.Call.call;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.examples.fashiondeck.catalog.Product;
import io.tidemill.redis.RedisBroker;
import io.tidemill.task.Task;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/**
 * A command that tries the Redis of the settings: connection, cache, expiry, JSON, queue, speed. Each check prints a
 * line, and removes what it wrote.
 *
 * <p>Exits with 0 if all is well, 1 if a check failed, 2 if the settings are wrong.
 */
public final class RedisCheck {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int WRITES = 1_000;

    private final String mark = "fashiondeck:check:" + UUID.randomUUID();
    private final Settings settings;
    private final PrintStream out;
    private int failed;

    private RedisCheck(Settings settings, PrintStream out) {
        this.settings = settings;
        this.out = out;
    }

    /** Makes the six checks. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.exit(run(System.getenv(), out));
    }

    /** Makes the six checks, and returns the exit code. */
    static int run(Map<String, String> environment, PrintStream out) {
        try {
            return new RedisCheck(Settings.from(environment), out).all();
        } catch (IllegalArgumentException e) {
            out.println(e.getMessage());
            return 2;
        }
    }

    private int all() {
        RedisClient client = RedisClient.create();
        try {
            List<StatefulRedisConnection<String, String>> opened = new ArrayList<>();
            check("Redis connection", () -> {
                StatefulRedisConnection<String, String> redis = client.connect(RedisURI.create(settings.redis()));
                opened.add(redis);
                return connection(redis.sync());
            });
            if (opened.isEmpty()) {
                out.println("the other five checks need a connection");
                return 1;
            }
            withConnection(opened.get(0));
        } finally {
            client.shutdown();
        }
        out.println(failed == 0 ? "all 6 checks passed" : failed + " of 6 checks failed");
        return failed == 0 ? 0 : 1;
    }

    private void withConnection(StatefulRedisConnection<String, String> redis) {
        check("cache operations", () -> cache(redis.sync()));
        check("expiry", () -> expiry(redis.sync()));
        check("JSON storage", () -> json(redis.sync()));
        check("queue operations", this::queue);
        check("speed", () -> speed(redis));
    }

    private void check(String what, Callable<String> check) {
        try {
            out.printf("%-18s  ok    %s%n", what, check.call());
        } catch (Exception e) {
            failed++;
            Throwable cause = e.getCause() == null ? e : e.getCause();
            out.printf("%-18s  FAILED  %s%n", what, cause.getMessage());
        }
    }

    private static String connection(RedisCommands<String, String> redis) {
        expect("PONG", redis.ping());
        return redis.info("server")
                .lines()
                .filter(line -> line.startsWith("redis_version:"))
                .map(line -> "version " + line.substring(line.indexOf(':') + 1))
                .findFirst()
                .orElse("version unknown");
    }

    private String cache(RedisCommands<String, String> redis) {
        redis.set(mark, "value", SetArgs.Builder.ex(60));
        expect("value", redis.get(mark));
        redis.del(mark);
        expect(0L, redis.exists(mark));
        return "set, get, delete";
    }

    private String expiry(RedisCommands<String, String> redis) throws InterruptedException {
        redis.set(mark, "value", SetArgs.Builder.ex(60));
        long left = redis.ttl(mark);
        if (left < 1 || left > 60) {
            throw new IllegalStateException("a key that was set for 60 s has " + left + " s left");
        }
        redis.set(mark, "value", SetArgs.Builder.px(50));
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (redis.exists(mark) > 0) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("a key that was set for 50 ms is still there after " + PATIENCE);
            }
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
        return "a key of 60 s has " + left + " s left, one of 50 ms has expired";
    }

    private String json(RedisCommands<String, String> redis) throws Exception {
        Product product = new Product("check-1", "amazon", "dresses", "Floral \"été\" dress", "green", 4_900);
        redis.set(mark, JSON.writeValueAsString(product), SetArgs.Builder.ex(60));
        expect(product, JSON.readValue(redis.get(mark), Product.class));
        redis.del(mark);
        return "a product came back equal";
    }

    private String queue() throws InterruptedException {
        String name = mark.replace("fashiondeck:check:", "check-");
        try (TaskQueue producer = open(TaskQueue.builder())) {
            try (TaskQueue worker = open(TaskQueue.builder().tasks(new Echo()).queues(name))) {
                expect(
                        "hello",
                        producer.enqueue(call(Echo::echo, "hello").queue(name)).await(PATIENCE));
                expect(1L, worker.admin().counts(name).succeeded());
            }
            producer.admin().deleteQueue(name, true);
        }
        return "a job was stored, run, and its result read";
    }

    private TaskQueue open(TaskQueueBuilder builder) {
        return builder.broker(RedisBroker.connect(settings.redis())).start();
    }

    /** For {@link #queue}. */
    public static final class Echo {
        /** Returns what it is given. */
        @Task(name = "fashiondeck_check")
        public String echo(String text) {
            return text;
        }
    }

    private String speed(StatefulRedisConnection<String, String> redis) {
        long began = System.nanoTime();
        List<RedisFuture<String>> writes = new ArrayList<>();
        for (int i = 0; i < WRITES; i++) {
            writes.add(redis.async().set(mark, "value " + i, SetArgs.Builder.ex(60)));
        }
        if (!LettuceFutures.awaitAll(PATIENCE, writes.toArray(RedisFuture[]::new))) {
            throw new IllegalStateException(WRITES + " writes were not answered within " + PATIENCE);
        }
        double millis = (System.nanoTime() - began) / 1e6;
        expect("value " + (WRITES - 1), redis.sync().get(mark));
        redis.sync().del(mark);
        return String.format(Locale.ROOT, "%d writes in a pipeline in %.1f ms", WRITES, millis);
    }

    private static void expect(Object expected, Object actual) {
        if (!expected.equals(actual)) {
            throw new IllegalStateException("expected " + expected + ", got " + actual);
        }
    }
}
