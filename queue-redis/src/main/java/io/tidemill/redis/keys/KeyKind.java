package io.tidemill.redis.keys;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What kinds of keys a queue has. {@link Keyspace} says what each holds, and spells them. */
public enum KeyKind {
    LEASES("zset", false, Any.KEYS.leases()),
    LEASE("set", false, Any.KEYS.lease(""), 0),
    READY("list", false, Any.KEYS.ready()),
    LEVEL("list", false, Any.KEYS.level(0), 1),
    LEVELS("zset", false, Any.KEYS.levels()),
    DELAYED("zset", false, Any.KEYS.delayed()),
    DEAD("zset", false, Any.KEYS.dead()),
    JOB("string", false, Any.KEYS.job(""), 0),
    RESULT("string", true, Any.KEYS.result(""), 0),
    TOLD("string", true, Any.KEYS.told(""), 0),
    UNREAD("string", true, Any.KEYS.unread(""), 0),
    COUNTS("hash", false, Any.KEYS.counts()),
    EXPIRING("zset", false, Any.KEYS.expiring()),
    UNIQUE("string", true, Any.KEYS.unique(""), 0),
    TURNS("list", false, Any.KEYS.turns()),
    PARKED("zset", false, Any.KEYS.parked()),
    GROUP("list", false, Any.KEYS.group(""), 0),
    LIMITS("hash", false, Any.KEYS.limits()),
    REVIEW("string", false, Any.KEYS.review()),
    HOLDERS("set", false, Any.KEYS.holders()),
    GROUP_HOLDERS("set", false, Any.KEYS.holders(""), 0),
    GCRA("string", true, Any.KEYS.gcra()),
    GROUP_GCRA("string", true, Any.KEYS.gcra(""), 0),
    TURN("string", true, Any.KEYS.turn()),
    WAITING("zset", true, Any.KEYS.waiting()),
    AWAITED("set", false, Any.KEYS.awaited()),
    CANCELS("set", false, Any.KEYS.cancels()),
    DROPPED("set", false, Any.KEYS.dropped()),
    LARGE("string", false, Any.KEYS.large()),
    PAUSED("set", false, Any.KEYS.paused()),
    CALL("string", true, Any.KEYS.call("", ""), 1),
    TAKEN("string", true, Any.KEYS.taken(""), 0),
    WORKERS("zset", true, Any.KEYS.workers()),
    WORKER("string", true, Any.KEYS.worker(""), 0);

    private static final int NOT_MANY = -1;

    private final String type;
    private final boolean mayExpire;
    private final boolean areMany;
    /** What follows the beginning of all keys of a queue. */
    private final String name;

    KeyKind(String type, boolean mayExpire, byte[] spelled) {
        this(type, mayExpire, spelled, NOT_MANY);
    }

    /** There are many of these: their names begin as this one does without its last characters, as many as cut. */
    KeyKind(String type, boolean mayExpire, byte[] spelled, int cut) {
        this.type = type;
        this.mayExpire = mayExpire;
        areMany = cut != NOT_MANY;
        String whole = new String(spelled, StandardCharsets.US_ASCII);
        name = whole.substring(beginning(Any.KEYS).length(), whole.length() - Math.max(0, cut));
    }

    /** As {@code TYPE} calls it. */
    public String type() {
        return type;
    }

    /** Whether it may have a time to live: what it holds may be lost after some time. */
    public boolean mayExpire() {
        return mayExpire;
    }

    /** What follows the beginning that all keys of this kind have in common, or null if this key is of another. */
    public @Nullable String nameIn(Keyspace keys, String key) {
        String start = beginning(keys) + name;
        if (areMany) {
            return key.startsWith(start) ? key.substring(start.length()) : null;
        }
        return key.equals(start) ? "" : null;
    }

    /** The beginning of all keys of a queue. */
    public static String beginning(Keyspace keys) {
        String leases = new String(keys.leases(), StandardCharsets.US_ASCII);
        return leases.substring(0, leases.lastIndexOf(':') + 1);
    }

    /** The kind of a queue's key; null if it is none that the queue has. */
    public static @Nullable KeyKind of(Keyspace keys, String key) {
        for (KeyKind kind : values()) {
            if (kind.nameIn(keys, key) != null) {
                return kind;
            }
        }
        return null;
    }

    /** The keys of some queue, to see how each is spelled. */
    private static final class Any {
        static final Keyspace KEYS = new Keyspace("any", "any");
    }
}
