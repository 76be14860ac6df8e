package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisBusyException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.tidemill.async.Answers;
import java.net.SocketException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    /** As Redis 6.2 says what newer ones say without the words before it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        @user_script: 1: -READONLY You can't write against a read only replica.|READONLY
        @user_script: 41: -NOREPLICAS Not enough good replicas to write.|NOREPLICAS
        @user_script: 1: -MISCONF Redis is configured to save RDB snapshots, but|MISCONF
        @user_script: 1: -OOM command not allowed when used memory > 'maxmemory'.|OOM
        WRONGTYPE Operation against a key holding the wrong kind of value|WRONGTYPE
        @user_script: 1: The user executing the script can't run this command or subcommand|NOPERM
        @user_script: 1: Unknown Redis command called from Lua script|ERR
        user_script:1: attempt to index local 'x' (a nil value)|ERR
        """)
    void an_error_within_a_script_has_its_own_code_on_old_servers_too(String said, String code) {
        RedisCommandExecutionException failure = new RedisCommandExecutionException(
                "ERR Error running script (call to f_60015d4d001f3bb04d2cb2c2e2064a7b768eb2e7): @user_script:41: "
                        + said);

        assertThat(Failures.code(failure)).isEqualTo(code);
    }

    @Test
    void a_connection_too_many_is_worth_another_try() {
        RedisCommandExecutionException failure =
                new RedisCommandExecutionException("ERR max number of clients reached");

        assertThat(Failures.code(failure)).isEqualTo("MAXCLIENTS");
        assertThat(Failures.isPassing(failure)).isTrue();
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

        assertThat(Answers.unwrapped(new CompletionException(new CompletionException(inner))))
                .isSameAs(inner);
    }

    @Test
    void an_address_names_hosts_and_ports_and_no_password() {
        assertThat(RedisAddress.text(RedisURI.create("redis://user:hush@db.example:6380/2")))
                .isEqualTo("db.example:6380");
        assertThat(RedisAddress.text(RedisURI.create("redis-sentinel://hush@a:26379,b:26380/0#jobs")))
                .isEqualTo("sentinel a:26379 b:26380 for jobs");
    }
}
