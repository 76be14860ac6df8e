package io.tidemill.redis.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.redis.keys.KeyKind;
import io.tidemill.redis.keys.Keyspace;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ScriptRequestTest {

    private final Keyspace keys = new Keyspace("tm", "mail");

    @Test
    void what_is_given_by_name_stands_where_the_header_names_it() {
        ScriptRequest request = ScriptRequest.of(Script.FAIL, keys)
                .addKey(keys.job("one"))
                .add("token")
                .with("number", 7)
                .key(KeyKind.REQUEST, keys.request("b", "fail"));

        assertThat(texts(request.keys()))
                .hasSize(Script.FAIL.keys().size())
                .contains("tm:{mail}:dead")
                .endsWith("tm:{mail}:job:one");
        assertThat(texts(request.keys()).get(Script.FAIL.keys().indexOf("request")))
                .isEqualTo("tm:{mail}:request:b:fail");
        assertThat(texts(request.arguments())).containsExactly("", "7", "token");
    }

    @Test
    void a_key_that_was_not_given_is_refused_by_name() {
        ScriptRequest request = ScriptRequest.of(Script.CLAIM, keys).unused(KeyKind.TAKEN);

        assertThatThrownBy(request::keys)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("key lease");
    }

    @Test
    void a_name_that_the_header_does_not_have_is_refused() {
        ScriptRequest request = ScriptRequest.of(Script.TRIM, keys);

        assertThatThrownBy(() -> request.with("limits", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("script trim has no limits, only [notAfter, keep, maxAge, limit]");
        assertThatThrownBy(() -> request.key(KeyKind.JOB, keys.job("one"))).hasMessageContaining("has no job");
    }

    @Test
    void the_loader_declares_the_names_of_the_header() {
        ScriptHeader header = ScriptHeader.parse("""
            -- Does something.
            --
            -- KEYS     leases, ready (or, at times, another),
            --          job.. (one per job)
            -- ARGV     notAfter: until when
            --          limit (number): most jobs,
            --            of these
            --          job..: per job
            -- Returns  done: how many
            -- Cost     O(1)
            -- Writes   nothing
            return limit
            """);

        assertThat(header.keys()).containsExactly("leases", "ready", "job..");
        assertThat(header.arguments()).containsExactly("notAfter", "limit", "job..");
        assertThat(header.parts()).containsExactly("done");
        assertThat(header.locals()).isEqualTo("""
            local leases, ready = unpack(KEYS, 1, 2)
            local fixedKeys = 2
            local notAfter, limit = unpack(ARGV, 1, 2)
            local fixedArguments = 2
            limit = tonumber(limit)
            """);
    }

    private static List<String> texts(byte[][] bytes) {
        return Stream.of(bytes)
                .map(one -> new String(one, StandardCharsets.US_ASCII))
                .toList();
    }
}
