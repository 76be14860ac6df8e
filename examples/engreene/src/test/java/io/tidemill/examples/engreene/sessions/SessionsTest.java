package io.tidemill.examples.engreene.sessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.tidemill.examples.engreene.TestRedis;
import io.tidemill.examples.engreene.TestTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The application's clock is moved; what Redis removes by itself takes a day of real time, so it removes nothing here.
 */
class SessionsTest {

    private static final Instant NOON = Instant.parse("2026-03-10T12:00:00Z");
    private static final Duration LIFE = Duration.ofDays(1);

    private final RedisClusterCommands<String, String> redis = TestRedis.empty();
    private final TestTime clock = new TestTime(NOON);
    private final Sessions sessions = new Sessions(redis, LIFE, clock);

    @Test
    void createsAndFindsASession() {
        String id =
                sessions.createSession("user-123", Role.CLIENT, "user@example.com", "phone", Map.of("language", "de"));

        assertThat(sessions.getSession(id))
                .contains(new SessionData(
                        "user-123",
                        Role.CLIENT,
                        "user@example.com",
                        "phone",
                        NOON.toEpochMilli(),
                        NOON.plus(LIFE).toEpochMilli(),
                        Map.of("language", "de")));
        assertThat(redis.pttl(keys("session:*").get(0))).isBetween(1L, LIFE.toMillis());
        assertThat(sessions.stats()).isEqualTo(new SessionStats(1, 0, 1, 1, 0, 0));
    }

    @Test
    void findsNothingForWhatIsNoId() {
        String id = sessions.createSession("ada", Role.CLIENT, "ada@clients.example");

        for (String other : List.of("", "nonsense", "*", id + "x", id.substring(1), id.replace('.', ':'))) {
            assertThat(sessions.getSession(other)).as(other).isEmpty();
            assertThat(sessions.destroySession(other)).as(other).isFalse();
        }
        assertThat(sessions.stats().refused()).isEqualTo(6);
        assertThat(sessions.getSession(id)).isPresent();
    }

    @Test
    void aSessionEndsByItself() {
        String id = sessions.createSession("ada", Role.CLIENT, "ada@clients.example");

        clock.advance(LIFE.minusMillis(1));
        assertThat(sessions.getSession(id)).isPresent();
        clock.advance(Duration.ofMillis(1));
        assertThat(sessions.getSession(id)).isEmpty();
        assertThat(sessions.getUserSessions("ada")).isEmpty();
    }

    @Test
    void aUserHasSessionsOnSeveralDevicesAndLosesTheOldest() {
        String phone = session("phone");
        String laptop = session("laptop");
        String tablet = session("tablet");
        String bos = sessions.createSession("bo", Role.VENDOR, "bo@clients.example");

        assertThat(sessions.getUserSessions("ada"))
                .extracting(SessionData::device)
                .containsExactly("phone", "laptop", "tablet");
        session("watch");

        assertThat(sessions.getSession(phone)).isEmpty();
        assertThat(sessions.getSession(laptop)).isPresent();
        assertThat(sessions.getSession(tablet)).isPresent();
        assertThat(sessions.getSession(bos)).isPresent();
        assertThat(sessions.getUserSessions("ada"))
                .extracting(SessionData::device)
                .containsExactly("laptop", "tablet", "watch");
        assertThat(sessions.stats().active()).isEqualTo(4);
        assertThat(sessions.stats().displaced()).isEqualTo(1);
        assertThat(keys("session:*")).hasSize(4);
    }

    @Test
    void sessionsThatHaveEndedDoNotCountForTheLimit() {
        session("phone");
        session("laptop");
        clock.advance(LIFE.plusHours(1));
        String first = session("phone");
        session("laptop");
        session("tablet");

        assertThat(sessions.getSession(first)).isPresent();
        assertThat(sessions.stats().displaced()).isZero();
    }

    @Test
    void aUserLogsOut() {
        String phone = session("phone");
        String laptop = session("laptop");

        assertThat(sessions.destroySession(phone)).isTrue();
        assertThat(sessions.destroySession(phone)).isFalse();

        assertThat(sessions.getSession(phone)).isEmpty();
        assertThat(sessions.getSession(laptop)).isPresent();
        assertThat(sessions.destroyUserSessions("ada")).isEqualTo(1);
        assertThat(sessions.getSession(laptop)).isEmpty();
        assertThat(keys("session*")).isEmpty();
    }

    @Test
    void theCleanUpRemovesWhatIsLeftOfEndedSessions() {
        for (int i = 0; i < 7; i++) {
            sessions.createSession("user-" + i, Role.CLIENT, "user@example.com");
        }
        clock.advance(LIFE.plusHours(1));
        String active = sessions.createSession("ada", Role.CLIENT, "ada@clients.example");
        assertThat(sessions.stats().expired()).isEqualTo(7);

        assertThat(sessions.cleanUp(5)).isEqualTo(5);
        assertThat(sessions.cleanUp(100)).isEqualTo(2);
        assertThat(sessions.cleanUp(100)).isZero();

        assertThat(sessions.getSession(active)).isPresent();
        assertThat(keys("session*"))
                .as("the session, its user's list, the list of all")
                .hasSize(3);
    }

    @Test
    void idsCannotBeGuessed() {
        String one = session("phone");
        String two = session("phone");

        assertThat(one).hasSizeGreaterThan(43).isNotEqualTo(two);
        assertThat(one.substring(one.indexOf('.') + 1)).hasSize(43);
    }

    @Test
    void refusesAUserWithoutName() {
        assertThatThrownBy(() -> sessions.createSession("", Role.CLIENT, "user@example.com"))
                .hasMessage("a session belongs to a user, and the user's id is empty");
    }

    private String session(String device) {
        clock.advance(Duration.ofSeconds(1));
        return sessions.createSession("ada", Role.CLIENT, "ada@clients.example", device, Map.of());
    }

    private List<String> keys(String pattern) {
        return redis.keys(pattern);
    }
}
