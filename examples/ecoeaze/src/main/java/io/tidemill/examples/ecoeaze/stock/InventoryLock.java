package io.tidemill.examples.ecoeaze.stock;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One lock per product, {@code inventory:lock:<product>}, for as long as somebody looks at its stock and decides. The
 * lock holds a token and ends by itself, so that a process that dies keeps nobody waiting; only the token's owner can
 * release it. Who is frozen for longer than that has lost the lock without knowing: what changes the stock compares the
 * token in the same step. Thread-safe.
 */
public final class InventoryLock {

    /** How long a lock is held at most. */
    static final Duration LONGEST = Duration.ofSeconds(5);

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final String RELEASE = """
        if redis.call('GET', KEYS[1]) == ARGV[1] then
          return redis.call('DEL', KEYS[1])
        end
        return 0
        """;

    private final StatefulRedisConnection<String, String> redis;

    /** On this connection. */
    public InventoryLock(StatefulRedisConnection<String, String> redis) {
        this.redis = redis;
    }

    static String key(String product) {
        return "inventory:lock:" + product;
    }

    /**
     * Waits for the lock and takes it.
     *
     * @throws StockBusyException if it was never free for a long time
     */
    public Held acquire(String product) throws StockBusyException, InterruptedException {
        String token = UUID.randomUUID().toString();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (redis.sync().set(key(product), token, SetArgs.Builder.nx().px(LONGEST)) == null) {
            if (System.nanoTime() - end > 0) {
                throw new StockBusyException("the stock of '" + product + "' was locked for " + PATIENCE.toSeconds()
                        + " s; is somebody holding it for too long?");
            }
            Thread.sleep(ThreadLocalRandom.current().nextLong(2, 15));
        }
        return new Held(product, token);
    }

    /** The lock while it is held. */
    public final class Held implements AutoCloseable {

        private final String product;
        private final String token;

        private Held(String product, String token) {
            this.product = product;
            this.token = token;
        }

        String product() {
            return product;
        }

        String token() {
            return token;
        }

        /** Releases the lock, unless it has ended and may be somebody else's. */
        @Override
        public void close() {
            redis.sync().eval(RELEASE, ScriptOutputType.INTEGER, new String[] {key(product)}, token);
        }
    }
}
