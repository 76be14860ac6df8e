package io.tidemill.examples.engreene.sessions;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;

/**
 * Sessions of users on several devices. A session is a key {@code session:{<user>}:<id>}, which Redis removes when the
 * session ends; {@code sessions:{<user>}} lists a user's and {@code sessions:expiry} all of them, by their ends. A user
 * who logs in once more than allowed loses the oldest session.
 *
 * <p>An id is the user's name in base 64 and 256 random bits: who has it is the user, so it is not logged. Thread-safe.
 */
public final class Sessions {

    /** How many sessions a user has at most. */
    public static final int PER_USER = 3;

    private static final String ALL = "sessions:expiry";
    private static final int RANDOM_BYTES = 32;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]{43}");
    private static final int STEP = 500;

    /**
     * Ends what is too much, then creates. KEYS: the user's list, the session. ARGV: data, ttl, end, id, how many are
     * allowed, now, what the keys of the user's sessions begin with. Gives the ids that were ended.
     */
    private static final String CREATE = """
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[6])
        local over = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[5]) + 1
        local ended = over > 0 and redis.call('ZRANGE', KEYS[1], 0, over - 1) or {}
        for _, id in ipairs(ended) do
          redis.call('DEL', ARGV[7] .. id)
          redis.call('ZREM', KEYS[1], id)
        end
        redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
        redis.call('ZADD', KEYS[1], ARGV[3], ARGV[4])
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        return ended
        """;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final RedisClusterCommands<String, String> redis;
    private final Duration life;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final LongAdder created = new LongAdder();
    private final LongAdder validated = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder displaced = new LongAdder();

    /**
     * On this connection.
     *
     * @param life how long after its creation a session ends
     */
    public Sessions(RedisClusterCommands<String, String> redis, Duration life, Clock clock) {
        this.redis = redis;
        this.life = life;
        this.clock = clock;
    }

    /** Creates a session on a device that is not known. */
    public String createSession(String userId, Role role, String email) {
        return createSession(userId, role, email, "unknown", Map.of());
    }

    /**
     * Creates a session.
     *
     * @return its id, which is the only proof of it
     */
    public String createSession(String userId, Role role, String email, String device, Map<String, String> metadata) {
        return createSession(userId, role, email, device, metadata, life);
    }

    /** Creates a session that ends sooner or later than others. */
    public String createSession(
            String userId, Role role, String email, String device, Map<String, String> metadata, Duration lasting) {
        long now = clock.millis();
        long end = now + lasting.toMillis();
        String tag = tag(userId);
        String id = tag + "." + secret();
        // First where the clean-up looks: what is listed and does not exist costs nothing, the other way round it stays
        redis.zadd(ALL, (double) end, id);
        List<String> ended = redis.eval(
                CREATE,
                ScriptOutputType.MULTI,
                new String[] {listKey(tag), key(id)},
                write(new SessionData(userId, role, email, device, now, end, metadata)),
                String.valueOf(lasting.toMillis()),
                String.valueOf(end),
                id,
                String.valueOf(PER_USER),
                String.valueOf(now),
                prefix(tag));
        if (!ended.isEmpty()) {
            redis.zrem(ALL, ended.toArray(String[]::new));
        }
        created.increment();
        displaced.add(ended.size());
        return id;
    }

    /** The session with this id; empty if there is none, or it has ended. */
    public Optional<SessionData> getSession(String id) {
        Optional<SessionData> session = find(id);
        (session.isPresent() ? validated : refused).increment();
        return session;
    }

    /** Ends a session: the user logs out. */
    public boolean destroySession(String id) {
        return ID.matcher(id).matches() && remove(id);
    }

    /** Ends all sessions of a user: the password was changed. */
    public int destroyUserSessions(String userId) {
        int ended = 0;
        for (String id : redis.zrange(listKey(tag(userId)), 0, -1)) {
            ended += remove(id) ? 1 : 0;
        }
        return ended;
    }

    /** The sessions of a user that have not ended, the one that ends first at first. */
    public List<SessionData> getUserSessions(String userId) {
        List<SessionData> sessions = new ArrayList<>();
        for (String id : redis.zrange(listKey(tag(userId)), 0, -1)) {
            find(id).ifPresent(sessions::add);
        }
        return sessions;
    }

    /**
     * Removes what is left of sessions that have ended.
     *
     * @param most how many at most
     * @return how many
     */
    public int cleanUp(int most) {
        Range<Long> ended = Range.create(0L, clock.millis());
        int removed = 0;
        List<String> ids;
        do {
            ids = redis.zrangebyscore(ALL, ended, Limit.create(0, Math.min(STEP, most - removed)));
            ids.forEach(this::remove);
            removed += ids.size();
        } while (!ids.isEmpty() && removed < most);
        return removed;
    }

    /** How many there are. */
    public SessionStats stats() {
        long now = clock.millis();
        long all = redis.zcard(ALL);
        long expired = redis.zcount(ALL, Range.create(0L, now));
        return new SessionStats(all - expired, expired, created.sum(), validated.sum(), refused.sum(), displaced.sum());
    }

    private Optional<SessionData> find(String id) {
        String json = ID.matcher(id).matches() ? redis.get(key(id)) : null;
        return Optional.ofNullable(json).map(Sessions::read).filter(session -> session.expiresAt() > clock.millis());
    }

    /** The list in which the clean-up looks comes last: what a crash leaves is found again. */
    private boolean remove(String id) {
        boolean existed = redis.del(key(id)) > 0;
        redis.zrem(listKey(id.substring(0, id.indexOf('.'))), id);
        redis.zrem(ALL, id);
        return existed;
    }

    private String secret() {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** What the keys of a user have between braces, so that they are in one slot of a cluster. */
    private static String tag(String userId) {
        if (userId.isEmpty()) {
            throw new IllegalArgumentException("a session belongs to a user, and the user's id is empty");
        }
        return Base64.getUrlEncoder().withoutPadding().encodeToString(userId.getBytes(StandardCharsets.UTF_8));
    }

    private static String listKey(String tag) {
        return "sessions:{" + tag + "}";
    }

    private static String prefix(String tag) {
        return "session:{" + tag + "}:";
    }

    private static String key(String id) {
        return prefix(id.substring(0, id.indexOf('.'))) + id;
    }

    private static SessionData read(String json) {
        try {
            return JSON.readValue(json, SessionData.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what is stored is no session", e);
        }
    }

    private static String write(SessionData session) {
        try {
            return JSON.writeValueAsString(session);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of texts and numbers is always JSON", e);
        }
    }
}
