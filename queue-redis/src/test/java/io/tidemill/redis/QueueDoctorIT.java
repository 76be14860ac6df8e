package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.SetArgs;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowMember;
import io.tidemill.broker.WorkflowWrite;
import io.tidemill.redis.Scenario.Play;
import io.tidemill.redis.script.Script;
import io.tidemill.task.Unique;
import io.tidemill.test.redis.RedisServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each kind of damage is planted by hand and seen. */
class QueueDoctorIT {

    private static QueueDoctor doctor;

    private final RedisProbe probe = RedisProbe.shared();
    private final RedisBroker broker = RedisBroker.connect(RedisServer.shared().uri());

    record Damage(String invariant, Consumer<Plant> plant) {
        @Override
        public String toString() {
            return invariant;
        }
    }

    record Plant(RedisClusterCommands<String, String> redis, String queue) {
        String key(String name) {
            return RedisProbe.key(queue, name);
        }
    }

    static Stream<Damage> damages() {
        return Stream.of(
                new Damage("record", it -> it.redis().del(it.key("job:one"))),
                new Damage("unreadable", it -> it.redis().set(it.key("job:one"), "")),
                new Damage("unreadable", it -> it.redis().set(it.key("job:both"), "B-4000000000000nwhat")),
                new Damage("newer", it -> it.redis().set(it.key("job:one"), "D something newer")),
                new Damage("orphan", it -> it.redis().lrem(it.key("ready"), 1, "one")),
                new Damage("one-place", it -> it.redis().zadd(it.key("dead"), 1, "one")),
                new Damage("one-place", it -> it.redis().rpush(it.key("ready"), "one")),
                new Damage("no-expiry", it -> it.redis().pexpire(it.key("job:one"), 600_000)),
                new Damage("no-expiry", it -> it.redis().pexpire(it.key("ready"), 600_000)),
                new Damage("leftover", it -> it.redis().sadd(it.key("awaited"), "nobody")),
                new Damage("leftover", it -> it.redis().sadd(it.key("dropped"), "held")),
                new Damage("leases", it -> it.redis().zrem(it.key("leases"), "held")),
                new Damage("leases", it -> it.redis().zadd(it.key("leases"), 9e12, "empty")),
                new Damage("levels", it -> it.redis().zrem(it.key("levels"), "9")),
                new Damage("recovery", it -> it.redis().zadd(it.key("leases"), 1, "held")),
                new Damage("promotion", it -> it.redis().zadd(it.key("delayed"), 1, "later")),
                new Damage("groups", it -> it.redis().lrem(it.key("turns"), 1, "group")),
                new Damage("holders", it -> it.redis().sadd(it.key("holders:group"), "one")),
                new Damage("holders", it -> it.redis().sadd(it.key("holders"), "nobody")),
                new Damage("holders", it -> it.redis().sadd(it.key("holders:group"), "later")),
                new Damage("holders", it -> it.redis().sadd(it.key("blocking"), "one")),
                new Damage("leftover", it -> it.redis().zadd(it.key("expiring"), 9e12, "nobody")),
                new Damage("leftover", it -> it.redis().set(it.key("unique:stray"), "nobody")),
                new Damage("schedules", it -> it.redis().zrem(it.key("schedules"), "nightly")),
                new Damage("schedules", it -> it.redis().hdel(it.key("plans"), "nightly")),
                new Damage("unreadable", it -> it.redis().hset(it.key("plans"), "nightly", "what?")),
                new Damage("firing", it -> it.redis().zadd(it.key("schedules"), 1, "nightly")),
                new Damage("waiting", it -> it.redis().hset(it.key("places:waits"), "0", "v")),
                new Damage("waiting", it -> it.redis().del(it.key("places:waits"))),
                new Damage("places", it -> it.redis().hset(it.key("places:nobody"), "#", "1")),
                new Damage("workflows", it -> it.redis().zrem(it.key("workflows"), "flow")),
                new Damage("workflows", it -> it.redis().hdel(it.key("flowplans"), "flow")),
                new Damage("unfillable", it -> {
                    it.redis().zrem(it.key("workflows"), "flow");
                    it.redis().hdel(it.key("flowplans"), "flow");
                }),
                new Damage("workflows", it -> it.redis().hset(it.key("flowends"), "nobody", "x")),
                new Damage("unlisted", it -> it.redis().zrem("tm:planned", it.queue())),
                new Damage("unknown-key", it -> it.redis().set(it.key("readyy"), "x")),
                new Damage("idle", it -> {
                    long since = Long.parseLong(it.redis().time().get(0)) * 1000 - 100_000;
                    it.redis().zadd(it.key("waiting"), since, "w1");
                    it.redis().psetex(it.key("worker:w1"), 30_000, "1 info");
                }),
                new Damage("conservation", it -> it.redis().hincrby(it.key("counts"), "accepted", 1)),
                new Damage("types", it -> {
                    it.redis().del(it.key("dead"));
                    it.redis().set(it.key("dead"), "x", SetArgs.Builder.px(60_000));
                }));
    }

    @BeforeAll
    static void connect() {
        doctor = QueueDoctor.connect(RedisServer.shared().uri(), "tm");
    }

    @AfterAll
    static void end() {
        doctor.close();
    }

    @AfterEach
    void close() {
        broker.close();
    }

    /** A healthy queue with something everywhere. */
    private Play queue() {
        Play play = new Play(Script.CHECK, broker, probe, null);
        play.running("held");
        play.get(broker.enqueue(
                play.queue,
                List.of(
                        NewJob.now("one", Play.BODY, 4),
                        NewJob.now("high", Play.BODY, 9),
                        NewJob.now("gone", Play.BODY, 4),
                        NewJob.now("later", Play.BODY, 4).after(600_000))));
        play.get(broker.cancellation().cancel(play.queue, "gone"));
        play.unique("locked", "a", 0);
        play.late("late", Unique.untilDone("b"), 0);
        probe.letPass(java.time.Duration.ofMillis(5));
        play.get(broker.sweeps().expire(play.queue, 10));
        NewJob both = NewJob.now("both", Play.BODY, 4);
        Unique window = Unique.within("c", java.time.Duration.ofMinutes(1));
        play.get(broker.enqueue(play.queue, List.of(both.with(new JobConstraints(window, "group", 60_000)))));
        play.schedule("nightly", "r1", 9_000_000_000_000L);
        play.schedule("paused", "r1", StoredSchedule.NEVER);
        play.get(broker.workflows()
                .store(
                        play.queue,
                        new WorkflowWrite(null, new StoredWorkflow("flow", "r1", Play.BODY, 0)),
                        List.of(new WorkflowJob(
                                NewJob.now("waits", Play.BODY, 4), new WorkflowMember("flow", play.queue, 1), 1))));
        return play;
    }

    @Test
    void nothing_is_found_in_a_healthy_queue() {
        assertThat(doctor.examine(queue().queue)).isEmpty();
    }

    @Test
    void a_worker_that_waits_while_the_queue_is_paused_is_not_idle() {
        Play play = queue();
        Plant plant = new Plant(probe.redis(), play.queue);
        damages()
                .filter(damage -> damage.invariant().equals("idle"))
                .forEach(damage -> damage.plant().accept(plant));
        play.get(broker.operations().pause(play.queue));

        assertThat(doctor.examine(play.queue)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("damages")
    void planted_damage_is_found(Damage damage) {
        Play play = queue();
        damage.plant().accept(new Plant(probe.redis(), play.queue));
        Map<String, String> before = probe.contents(play.queue);

        assertThat(doctor.examine(play.queue)).extracting(Finding::invariant).contains(damage.invariant());

        assertThat(probe.contents(play.queue)).as("the doctor writes nothing").isEqualTo(before);
    }

    @Test
    void the_command_line_says_0_1_or_2() {
        Play play = queue();
        String uri = RedisServer.shared().uri();
        assertThat(QueueDoctor.run(sink(), sink(), uri, play.queue)).isZero();

        probe.redis().del(RedisProbe.key(play.queue, "job:one"));
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        assertThat(QueueDoctor.run(
                        new PrintStream(out, true, StandardCharsets.UTF_8), sink(), uri, "--json", play.queue))
                .isOne();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("{\"severity\":\"CRITICAL\",\"invariant\":\"record\",\"queue\":\"" + play.queue
                        + "\",\"subject\":\"one\",\"text\":\"is in a structure, but its record is missing\"}");
        assertThat(QueueDoctor.run(sink(), sink())).isEqualTo(2);
        assertThat(QueueDoctor.run(sink(), sink(), "redis://127.0.0.1:1")).isEqualTo(2);
    }

    private static PrintStream sink() {
        return new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    }
}
