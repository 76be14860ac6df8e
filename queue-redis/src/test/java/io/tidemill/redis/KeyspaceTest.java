package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.redis.keys.Keyspace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyspaceTest {

    private final Keyspace keys = new Keyspace("tm", "mail:eu.1");

    @Test
    void every_key_has_the_queue_as_its_hash_tag() {
        List<byte[]> all = List.of(
                keys.leases(),
                keys.lease("t1"),
                keys.ready(),
                keys.level(9),
                keys.levels(),
                keys.delayed(),
                keys.dead(),
                keys.job("j1"),
                keys.result("j1"),
                keys.counts(),
                keys.waiting(),
                keys.awaited(),
                keys.cancels(),
                keys.dropped(),
                keys.paused(),
                keys.workers(),
                keys.worker("w1"),
                keys.expiring(),
                keys.unique("k1"),
                keys.schedules(),
                keys.plans(),
                keys.request("b1", "enqueue"),
                keys.wakeChannel("w1"),
                keys.finishedChannel(),
                keys.cancelChannel());

        assertThat(all.stream().map(KeyspaceTest::text))
                .containsExactly(
                        "tm:{mail:eu.1}:leases",
                        "tm:{mail:eu.1}:lease:t1",
                        "tm:{mail:eu.1}:ready",
                        "tm:{mail:eu.1}:ready:9",
                        "tm:{mail:eu.1}:levels",
                        "tm:{mail:eu.1}:delayed",
                        "tm:{mail:eu.1}:dead",
                        "tm:{mail:eu.1}:job:j1",
                        "tm:{mail:eu.1}:result:j1",
                        "tm:{mail:eu.1}:counts",
                        "tm:{mail:eu.1}:waiting",
                        "tm:{mail:eu.1}:awaited",
                        "tm:{mail:eu.1}:cancels",
                        "tm:{mail:eu.1}:dropped",
                        "tm:{mail:eu.1}:paused",
                        "tm:{mail:eu.1}:workers",
                        "tm:{mail:eu.1}:worker:w1",
                        "tm:{mail:eu.1}:expiring",
                        "tm:{mail:eu.1}:unique:k1",
                        "tm:{mail:eu.1}:schedules",
                        "tm:{mail:eu.1}:plans",
                        "tm:{mail:eu.1}:request:b1:enqueue",
                        "tm:{mail:eu.1}:wake:w1",
                        "tm:{mail:eu.1}:finished",
                        "tm:{mail:eu.1}:cancel");
    }

    @Test
    void channels_carry_the_number_of_the_database_and_keys_do_not() {
        Keyspace keys = new Keyspace("tm", "mail", 3);

        assertThat(text(keys.ready())).isEqualTo("tm:{mail}:ready");
        assertThat(List.of(keys.wakeChannel("w1"), keys.finishedChannel(), keys.cancelChannel()).stream()
                        .map(KeyspaceTest::text))
                .containsExactly("tm:{mail}:db3:wake:w1", "tm:{mail}:db3:finished", "tm:{mail}:db3:cancel");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a{b", "a}b", "{}", "a\nb", "a*", "é"})
    void a_name_that_could_move_or_widen_a_key_is_refused(String name) {
        assertThatThrownBy(() -> new Keyspace("tm", name)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Keyspace(name, "mail")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void the_scripts_compute_the_same_names() throws IOException {
        String lua = read("keys.lua");

        assertThat(lua)
                .contains("base .. 'job:'")
                .contains("base .. 'lease:' .. token")
                .contains("base .. 'result:' .. id")
                .contains("base .. 'paused'")
                .contains("base .. 'unique:' .. name")
                .contains("base .. 'ready'")
                .contains("base .. 'ready:' .. priority")
                // What is left of the key without "leases" is the beginning of all keys.
                .contains("string.sub(leases, 1, -7)")
                .contains("base .. 'db' .. database .. ':'");
        assertThat("leases").hasSize(6);
        assertThat(read("steps.lua")).contains("base .. 'schedules'").contains("base .. 'plans'");
        assertThat(read("wake.lua")).contains("channels .. 'wake:' .. ");
        assertThat(read("ends.lua")).contains("channels .. 'finished'");
    }

    private static String read(String part) throws IOException {
        try (InputStream in = Keyspace.class.getResourceAsStream("/io/tidemill/redis/lua/lib/" + part)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String text(byte[] key) {
        return new String(key, StandardCharsets.US_ASCII);
    }
}
