package io.tidemill.redis.keys;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What kinds of keys a queue has. {@link Keyspace} says what each holds, and spells them. */
public enum KeyKind {
    LEASES("zset", false, Keyspace::leases),
    LEASE("set", false, keys -> keys.lease(""), 0),
    READY("list", false, Keyspace::ready),
    LEVEL("list", false, keys -> keys.level(0), 1),
    LEVELS("zset", false, Keyspace::levels),
    DELAYED("zset", false, Keyspace::delayed),
    DEAD("zset", false, Keyspace::dead),
    JOB("string", false, keys -> keys.job(""), 0),
    RESULT("string", true, keys -> keys.result(""), 0),
    KEPT("zset", true, Keyspace::kept),
    KEPT_JOB("string", true, keys -> keys.kept(""), 0),
    PROGRESS("string", true, keys -> keys.progress(""), 0),
    TOLD("string", true, keys -> keys.told(""), 0),
    UNREAD("string", true, keys -> keys.unread(""), 0),
    COUNTS("hash", false, Keyspace::counts),
    HISTORY("hash", true, Keyspace::history),
    EXPIRING("zset", false, Keyspace::expiring),
    UNIQUE("string", true, keys -> keys.unique(""), 0),
    TURNS("list", false, Keyspace::turns),
    PARKED("zset", false, Keyspace::parked),
    GROUP("list", false, keys -> keys.group(""), 0),
    LIMITS("hash", false, Keyspace::limits),
    SCHEDULES("zset", false, Keyspace::schedules),
    PLANS("hash", false, Keyspace::plans),
    UNFILLED("zset", false, Keyspace::unfilled),
    PLACES("hash", false, keys -> keys.places(""), 0),
    OUTBOX("zset", false, Keyspace::outbox),
    STOPPED("zset", true, Keyspace::stopped),
    WORKFLOWS("zset", false, Keyspace::workflows),
    FLOWPLANS("hash", false, Keyspace::flowplans),
    FLOWENDS("hash", false, Keyspace::flowends),
    WATCHED("set", false, Keyspace::watched),
    REVIEW("string", false, Keyspace::review),
    HOLDERS("set", false, Keyspace::holders),
    GROUP_HOLDERS("set", false, keys -> keys.holders(""), 0),
    BLOCKING("set", false, Keyspace::blocking),
    GCRA("string", true, Keyspace::gcra),
    GROUP_GCRA("string", true, keys -> keys.gcra(""), 0),
    TURN("string", true, Keyspace::turn),
    WAITING("zset", true, Keyspace::waiting),
    AWAITED("set", false, Keyspace::awaited),
    CANCELS("set", false, Keyspace::cancels),
    DROPPED("set", false, Keyspace::dropped),
    LARGE("string", false, Keyspace::large),
    PAUSED("set", false, Keyspace::paused),
    REQUEST("string", true, keys -> keys.request("", ""), 1),
    TAKEN("string", true, keys -> keys.taken(""), 0),
    WORKERS("zset", true, Keyspace::workers),
    WORKER("string", true, keys -> keys.worker(""), 0),
    COMMANDS("hash", true, keys -> keys.commands(""), 0),
    REPLY("string", true, keys -> keys.reply(""), 0);

    private static final int NOT_MANY = -1;

    private final String type;
    private final boolean mayExpire;
    private final boolean areMany;

    @SuppressWarnings("ImmutableEnumChecker") // It is a method of Keyspace.
    private final Function<Keyspace, byte[]> spelling;

    /** What follows the beginning of all keys of a queue. */
    private final String name;

    KeyKind(String type, boolean mayExpire, Function<Keyspace, byte[]> spelling) {
        this(type, mayExpire, spelling, NOT_MANY);
    }

    /** There are many of these: their names begin as this one does without its last characters, as many as cut. */
    KeyKind(String type, boolean mayExpire, Function<Keyspace, byte[]> spelling, int cut) {
        this.type = type;
        this.mayExpire = mayExpire;
        this.spelling = spelling;
        areMany = cut != NOT_MANY;
        String whole = new String(spelling.apply(Any.KEYS), StandardCharsets.US_ASCII);
        name = whole.substring(beginning(Any.KEYS).length(), whole.length() - Math.max(0, cut));
    }

    /** The name that it has in the headers of the scripts. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As {@code TYPE} calls it. */
    public String type() {
        return type;
    }

    /** Whether it may have a time to live: what it holds may be lost after some time. */
    public boolean mayExpire() {
        return mayExpire;
    }

    /** Whether a queue has one key of this kind. */
    public boolean isOne() {
        return !areMany;
    }

    /** The key of this kind that a queue has, if it has one. */
    public byte[] in(Keyspace keys) {
        return spelling.apply(keys);
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
