package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisBusyException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import java.net.SocketException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FailuresTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LOADING Redis is loading the dataset in memory",
                "BUSY Redis is busy running a script",
                "TRYAGAIN Multiple keys request during rehashing of slot",
                "CLUSTERDOWN The cluster is down",
                "MASTERDOWN Link with MASTER is down",
                "READONLY You can't write against a read only replica.",
                "NOREPLICAS Not enough good replicas to write.",
                "MISCONF Redis is configured to save RDB snapshots"
            })
    void errors_that_pass_are_worth_another_try(String message) {
        RedisCommandExecutionException failure = new RedisCommandExecutionException(message);

        assertThat(Failures.isPassing(failure)).isTrue();
        assertThat(Failures.isUnknown(failure)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BUSYGROUP Consumer Group name already exists",
                "BUSYKEY Target key name already exists.",
                "WRONGTYPE Operation against a key holding the wrong kind of value",
                "NOPERM this user has no permissions",
                "OOM command not allowed when used memory > 'maxmemory'.",
                "ERR unknown command"
            })
    void other_errors_are_not_even_those_that_begin_alike(String message) {
        assertThat(Failures.isPassing(new RedisBusyException(message))).isFalse();
    }

    @Test
    void what_the_server_did_not_say_leaves_the_outcome_open() {
        assertThat(Failures.isUnknown(new RedisCommandTimeoutException("timed out")))
                .isTrue();
        assertThat(Failures.isUnknown(new RedisConnectionException("gone"))).isTrue();
        assertThat(Failures.isUnknown(new RedisException("Currently not connected. Commands are rejected.")))
                .isTrue();
        assertThat(Failures.isUnknown(new SocketException("Connection reset"))).isTrue();
    }

    @Test
    void wrappers_come_off() {
        SocketException inner = new SocketException("Connection reset");

        assertThat(Failures.unwrap(new CompletionException(new CompletionException(inner))))
                .isSameAs(inner);
    }

    @Test
    void an_address_names_hosts_and_ports_and_no_password() {
        assertThat(Failures.address(RedisURI.create("redis://user:hush@db.example:6380/2")))
                .isEqualTo("db.example:6380");
        assertThat(Failures.address(RedisURI.create("redis-sentinel://hush@a:26379,b:26380/0#jobs")))
                .isEqualTo("sentinel a:26379 b:26380 for jobs");
    }
}
