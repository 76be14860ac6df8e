package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.redis.Preflight.Problem;
import io.tidemill.task.BrokerException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreflightTest {

    private static List<Problem> look(String... fields) {
        return Preflight.look("# Server\r\n" + String.join("\r\n", fields) + "\r\n", "3600 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.8.24", "5.0.14", "6.0.20"})
    void a_server_that_is_too_old_cannot_work(String version) {
        assertThat(look("redis_version:" + version))
                .containsExactly(new Problem(
                        true,
                        "it has version " + version.substring(0, 3)
                                + ", and Tidemill needs 6.2 or newer; use a newer Redis, or Valkey"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"6.2.0", "7.0.15", "7.2.4", "8.10.1", "10.0.0"})
    void newer_ones_will_do(String version) {
        assertThat(look("redis_version:" + version)).isEmpty();
    }

    @Test
    void a_server_that_hides_everything_is_given_the_benefit_of_the_doubt() {
        assertThat(Preflight.look("", null)).isEmpty();
    }

    @Test
    void a_node_of_a_cluster_says_so() {
        assertThat(Preflight.isCluster("# Cluster\r\ncluster_enabled:1\r\n")).isTrue();
        assertThat(Preflight.isCluster("# Cluster\r\ncluster_enabled:0\r\n")).isFalse();
        assertThat(Preflight.isCluster("")).isFalse();
        assertThat(look("cluster_enabled:1")).isEmpty();
    }

    @Test
    void a_policy_that_evicts_any_key_is_sure_to_lose_jobs() {
        assertThat(look("maxmemory_policy:allkeys-lru"))
                .containsExactly(new Problem(
                        true,
                        "it has maxmemory-policy allkeys-lru: when memory is short it throws jobs away;"
                                + " set maxmemory-policy to noeviction"));
    }

    @Test
    void a_policy_that_evicts_what_expires_loses_results() {
        assertThat(look("maxmemory_policy:volatile-ttl"))
                .containsExactly(new Problem(
                        false,
                        "it has maxmemory-policy volatile-ttl: when memory is short it throws results away, and"
                                + " the numbers of calls, so that a call that is repeated may store its jobs twice;"
                                + " set maxmemory-policy to noeviction"));
        assertThat(look("maxmemory_policy:noeviction")).isEmpty();
    }

    @Test
    void a_server_that_keeps_nothing_on_disk_loses_jobs_when_it_restarts() {
        String info = "aof_enabled:0\r\nconnected_slaves:0\r\n";

        assertThat(Preflight.look(info, ""))
                .containsExactly(new Problem(
                        false,
                        "it keeps nothing on disk, neither an append-only file nor snapshots, and has no replica: a"
                                + " restart loses every job; set appendonly to yes"));
        assertThat(Preflight.look(info, "3600 1")).isEmpty();
        assertThat(Preflight.look(info, null)).isEmpty();
        assertThat(Preflight.look("aof_enabled:1\r\nconnected_slaves:0\r\n", ""))
                .isEmpty();
        assertThat(Preflight.look("aof_enabled:0\r\nconnected_slaves:1\r\n", ""))
                .isEmpty();
    }

    @Test
    void what_is_sure_is_refused_and_the_rest_only_when_asked_for() {
        List<Problem> problems = List.of(new Problem(false, "it is slow"), new Problem(true, "it is broken"));

        assertThatThrownBy(() -> ServerCheck.judge("db:6379", PreflightMode.WARN, problems))
                .isInstanceOf(BrokerException.class)
                .hasMessage("Redis at db:6379 will not do: it is broken. To start all the same, set preflight to OFF");
        assertThatThrownBy(() -> ServerCheck.judge("db:6379", PreflightMode.REFUSE, problems))
                .hasMessage("Redis at db:6379 will not do: it is slow; and it is broken."
                        + " To start all the same, set preflight to OFF");
        assertThatCode(() -> ServerCheck.judge("db:6379", PreflightMode.WARN, problems.subList(0, 1)))
                .doesNotThrowAnyException();
    }
}
