package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.task.Priority;
import io.tidemill.test.redis.RedisServer;
import io.tidemill.text.JobIds;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A look at the keys that never found anything wrong would prove nothing: here each kind of damage is found. */
class RedisProbeIT {

    private static final long LONG_MILLIS = 600_000;

    private enum Damage {
        A_RECORD_IS_MISSING((redis, queue) -> redis.del(key(queue, "job:plain")), "jobs with a record"),
        A_RECORD_IS_IN_NO_STRUCTURE((redis, queue) -> redis.del(key(queue, "ready")), "jobs with a record"),
        A_JOB_IS_READY_TWICE((redis, queue) -> redis.rpush(key(queue, "ready"), "plain"), "ready ids"),
        A_LEVEL_IS_UNKNOWN((redis, queue) -> redis.zrem(key(queue, "levels"), "9"), "levels are the priorities"),
        A_GROUP_HAS_NO_TURN((redis, queue) -> redis.del(key(queue, "turns")), "either among the turns or parked"),
        A_GROUPS_ROOM_IS_FREE((redis, queue) -> redis.del(key(queue, "holders:running")), "take up their room"),
        A_RECORD_EXPIRES((redis, queue) -> redis.expire(key(queue, "job:plain"), LONG_MILLIS), "expires"),
        A_LEASE_HAS_NO_END((redis, queue) -> redis.del(key(queue, "leases")), "what the doctor finds");

        private final BiConsumer<RedisClusterCommands<String, String>, String> done;
        private final String found;

        Damage(BiConsumer<RedisClusterCommands<String, String>, String> done, String found) {
            this.done = done;
            this.found = found;
        }
    }

    private final String queue = "probe-" + JobIds.randomDigits(12);
    private final RedisProbe probe = RedisProbe.shared();
    private final RedisBroker broker = RedisBroker.connect(RedisServer.shared().uri(), ContractOptions.PATIENT);

    private static String key(String queue, String name) {
        return RedisProbe.key(queue, name);
    }

    @BeforeEach
    void fill() {
        broker.open();
        store(job("run").with(JobConstraints.NONE.withGroup("running")));
        broker.claim(queue, new ClaimRequest("worker", "token", 1, LONG_MILLIS)).join();
        store(job("plain"));
        store(NewJob.now("urgent", new byte[] {1}, 9));
        store(job("grouped").with(JobConstraints.NONE.withGroup("waiting")));
        probe.checkInvariants(queue);
    }

    private static NewJob job(String id) {
        return NewJob.now(id, new byte[] {1}, Priority.DEFAULT);
    }

    private void store(NewJob job) {
        broker.enqueue(queue, List.of(job)).join();
    }

    @AfterEach
    void forget() {
        probe.forget(queue);
        broker.close();
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    void damage_is_found(Damage damage) {
        damage.done.accept(probe.redis(), queue);

        assertThatThrownBy(() -> probe.checkInvariants(queue))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(damage.found);
    }
}
