package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.Completion;
import io.tidemill.broker.Fill;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.ScheduleStep;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowMember;
import io.tidemill.redis.Scenario.Call;
import io.tidemill.redis.Scenario.Play;
import io.tidemill.redis.script.Script;
import io.tidemill.task.JobState;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a call costs: nothing depends on how many jobs wait, and a full batch costs per job what the header says. Few
 * means so many that there are a hundred groups that are held up, as a call looks at that many of them.
 */
@Tag(Thorough.TAG)
class ScriptBoundsIT {

    private static final int FEW = Thorough.size(2_000, 10_000);
    private static final int MANY = 3 * FEW;
    /** Jobs in every place, none of which is due, and of them so many for each group that is held up. */
    private static final int JOBS_PER_GROUP = FEW / 100;

    private static final String BACKLOG = """
        local base, size, perGroup = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
        local record = 'A-4000000000000nbody'
        for from = 1, size, 100 do
          local records, ready, delayed, dead = {}, {}, {}, {}
          for i = from, from + 99 do
            local at = 2 * (i - from)
            records[at + 1], records[at + 2] = base .. 'job:r' .. i, record
            ready[#ready + 1] = 'r' .. i
            delayed[at + 1], delayed[at + 2] = '900000000000000', 's' .. i
            dead[at + 1], dead[at + 2] = '900000000000000', 'd' .. i
          end
          redis.call('MSET', unpack(records))
          redis.call('RPUSH', base .. 'ready', unpack(ready))
          redis.call('ZADD', base .. 'delayed', unpack(delayed))
          redis.call('ZADD', base .. 'expiring', unpack(delayed))
          redis.call('ZADD', base .. 'dead', unpack(dead))
          redis.call('ZADD', base .. 'schedules', '900000000000000', 'b' .. from)
          redis.call('HSET', base .. 'plans', 'b' .. from, 'r1 900000000000000 content')
          for i = from, from + 99, perGroup do
            local group = 'b' .. i
            redis.call('SET', base .. 'job:' .. group, record)
            redis.call('RPUSH', base .. 'group:' .. group, group)
            redis.call('ZADD', base .. 'parked', '900000000000000', group)
          end
        end
        """;

    private static RedisServer server;
    private static RedisProbe probe;
    private static RedisClient client;
    private static StatefulRedisConnection<byte[], byte[]> connection;

    private final RedisBroker broker = RedisBroker.connect(server.uri());

    @BeforeAll
    static void start() {
        server = RedisServer.start();
        probe = RedisProbe.of(server);
        client = RedisClient.create(server.uri());
        connection = client.connect(ByteArrayCodec.INSTANCE);
    }

    @AfterAll
    static void end() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        probe.close();
        server.close();
    }

    @BeforeEach
    void open() {
        broker.open();
    }

    @AfterEach
    void close() {
        broker.close();
        probe.redis().flushall();
    }

    @ParameterizedTest
    @EnumSource(Scenario.class)
    void a_call_costs_the_same_however_many_jobs_wait(Scenario scenario) {
        assertThat(cost(scenario, MANY)).isEqualTo(cost(scenario, FEW));
    }

    private long cost(Scenario scenario, int backlog) {
        Play play = new Play(scenario.script(), broker, probe, connection);
        Call call = scenario.prepare(play);
        String base = RedisProbe.key(play.queue, "");
        probe.redis()
                .eval(
                        BACKLOG,
                        ScriptOutputType.STATUS,
                        new String[0],
                        base,
                        Integer.toString(backlog),
                        Integer.toString(JOBS_PER_GROUP));
        return probe.commandsOf(() -> assertThat(play.send(call)).first().isEqualTo("OK"));
    }

    /**
     * A hop with a batch of so many jobs.
     *
     * @param perJob most commands for each job beyond the first
     */
    private record Batch(Script script, int perJob, BiFunction<Play, Integer, Runnable> hop) {
        @Override
        public String toString() {
            return script.hop();
        }
    }

    static Stream<Batch> batches() {
        return Stream.of(
                new Batch(Script.ENQUEUE, 0, (play, size) -> call(play, it -> it.enqueue(play.queue, jobs(size)))),
                new Batch(Script.ENQUEUE, 1, (play, size) -> {
                    List<NewJob> firing = new ArrayList<>();
                    for (int i = 0; i < size; i++) {
                        play.schedule("s" + i, "r1", 1);
                        ScheduleStep step = new ScheduleStep("r1", new StoredSchedule("s" + i, "r2", 2, Play.BODY));
                        firing.add(NewJob.now("job" + i, Play.BODY, 4).with(JobConstraints.NONE.withStep(step)));
                    }
                    return call(play, it -> it.enqueue(play.queue, firing));
                }),
                new Batch(Script.CLAIM, 0, (play, size) -> {
                    enqueue(play, size);
                    return call(play, it -> it.claim(play.queue, new ClaimRequest("w", "t", size, 60_000)));
                }),
                new Batch(Script.COMPLETE, 0, (play, size) -> {
                    List<Completion.Succeeded> runs = claims(play, size).stream()
                            .map(claim -> Completion.Succeeded.of(claim, null, 0))
                            .toList();
                    return call(play, it -> it.complete(play.queue, runs, null));
                }),
                new Batch(Script.FAIL, 2, (play, size) -> {
                    List<Completion.Failed> runs = claims(play, size).stream()
                            .<Completion.Failed>map(it -> new Completion.Retry(it.id(), it.token(), 1_000, Play.BODY))
                            .toList();
                    return call(play, it -> it.fail(play.queue, runs));
                }),
                new Batch(Script.RELEASE, 3, (play, size) -> {
                    List<Completion.Release> runs = claims(play, size).stream()
                            .map(it -> new Completion.Release(it.id(), it.token(), 0))
                            .toList();
                    return call(play, it -> it.release(play.queue, runs));
                }),
                new Batch(Script.EXTEND, 0, (play, size) -> {
                    List<String> tokens =
                            IntStream.range(0, size).mapToObj(i -> "t" + i).toList();
                    tokens.forEach(token -> probe.redis().zadd(RedisProbe.key(play.queue, "leases"), 1, token));
                    return call(play, it -> it.leases().extend(play.queue, tokens, 60_000));
                }),
                new Batch(Script.PROMOTE, 0, (play, size) -> {
                    enqueue(play, size);
                    IntStream.range(0, size)
                            .forEach(i -> probe.redis().zadd(RedisProbe.key(play.queue, "delayed"), 1, "job" + i));
                    probe.redis().del(RedisProbe.key(play.queue, "ready"));
                    return call(play, it -> it.sweeps().promote(play.queue, size));
                }),
                new Batch(Script.RECOVER, 2, (play, size) -> {
                    claims(play, size);
                    probe.redis().zadd(RedisProbe.key(play.queue, "leases"), 1, "t");
                    return call(play, it -> it.sweeps().recover(play.queue, 10, 3, Play.BODY));
                }),
                new Batch(Script.EXPIRE, 5, (play, size) -> {
                    JobConstraints soon = new JobConstraints(null, null, 1);
                    List<NewJob> late =
                            jobs(size).stream().map(job -> job.with(soon)).toList();
                    play.get(play.broker.enqueue(play.queue, late));
                    probe.letPass(Duration.ofMillis(5));
                    return call(play, it -> it.sweeps().expire(play.queue, size));
                }),
                new Batch(Script.REDRIVE, 2, (play, size) -> {
                    die(play, size);
                    List<Redrive> all = jobs(size).stream()
                            .map(job -> Redrive.now(job.id()))
                            .toList();
                    return call(play, it -> it.operations().redrive(play.queue, all));
                }),
                new Batch(Script.PURGE, 1, (play, size) -> {
                    enqueue(play, size);
                    return call(play, it -> it.operations().purge(play.queue, JobState.READY, size));
                }),
                new Batch(Script.ERASE, 1, (play, size) -> {
                    claims(play, size);
                    return call(play, it -> it.operations().erase(play.queue, true));
                }),
                new Batch(Script.TRIM, 0, (play, size) -> {
                    die(play, size);
                    return call(play, it -> it.sweeps().trim(play.queue, 0, 60_000, size));
                }));
    }

    @ParameterizedTest
    @MethodSource("batches")
    void a_full_batch_costs_per_job_what_the_header_says(Batch batch) {
        long one = probe.commandsOf(batch.hop().apply(new Play(batch.script(), broker, probe, connection), 1));
        long full = probe.commandsOf(
                batch.hop().apply(new Play(batch.script(), broker, probe, connection), Broker.MAX_BATCH));

        // To erase a queue is to look at each of its keys, and to take out the job costs twelve commands more.
        assertThat(one)
                .isLessThanOrEqualTo(
                        batch.script() == Script.ERASE ? Script.ERASE.keys().size() + 12L : 29);
        assertThat(full - one).isLessThanOrEqualTo(batch.perJob() * (Broker.MAX_BATCH - 1L));
    }

    @Test
    void a_take_costs_one_command_per_schedule() {
        Play play = new Play(Script.TAKE, broker, probe, connection);
        for (int i = 0; i < 101; i++) {
            play.schedule("s" + i, "r1", 1);
        }

        long full = probe.commandsOf(() -> play.get(broker.schedules().take(play.queue, 100, 60_000)));
        long one = probe.commandsOf(() -> play.get(broker.schedules().take(play.queue, 100, 60_000)));
        long none = probe.commandsOf(() -> play.get(broker.schedules().take(play.queue, 100, 60_000)));

        assertThat(full - one).isEqualTo(99);
        assertThat(one).isEqualTo(8);
        assertThat(none).isEqualTo(5);
    }

    @Test
    void jobs_of_workflows_and_their_places_cost_a_few_commands_each() {
        Play play = new Play(Script.STORE, broker, probe, connection);
        long oneJob = probe.commandsOf(() -> play.get(broker.workflows().store(play.queue, null, steps("a", 1, 0))));
        long manyJobs =
                probe.commandsOf(() -> play.get(broker.workflows().store(play.queue, null, steps("b", 101, 0))));
        play.get(broker.workflows().store(play.queue, null, steps("joins", 2, 1_000)));
        play.get(broker.workflows().store(play.queue, null, steps("single", 101, 1)));

        long oneValue =
                probe.commandsOf(() -> play.get(broker.workflows().fill(play.queue, values(play, "joins0", 1))));
        long manyValues =
                probe.commandsOf(() -> play.get(broker.workflows().fill(play.queue, values(play, "joins1", 1_000))));
        long manyWaiting = probe.commandsOf(() -> play.get(broker.workflows()
                .fill(
                        play.queue,
                        IntStream.range(0, 101)
                                .mapToObj(i -> new Fill(play.queue, "single" + i, 0, Play.BODY))
                                .toList())));

        assertThat(manyJobs - oneJob).isLessThanOrEqualTo(2 * 100);
        assertThat(manyValues - oneValue).isLessThanOrEqualTo(1_005);
        assertThat(manyWaiting - oneValue).isLessThanOrEqualTo(8 * 100);
    }

    private static List<WorkflowJob> steps(String name, int size, int places) {
        return IntStream.range(0, size)
                .mapToObj(i -> new WorkflowJob(
                        NewJob.now(name + i, Play.BODY, 4), new WorkflowMember("flow", "home", 1), places))
                .toList();
    }

    private static List<Fill> values(Play play, String job, int size) {
        return IntStream.range(0, size)
                .mapToObj(i -> new Fill(play.queue, job, i, Play.BODY))
                .toList();
    }

    private static Runnable call(Play play, Function<Broker, CompletableFuture<?>> hop) {
        return () -> play.get(hop.apply(play.broker));
    }

    private static List<NewJob> jobs(int size) {
        return IntStream.range(0, size)
                .mapToObj(i -> NewJob.now("job" + i, Play.BODY, 4))
                .toList();
    }

    private static void enqueue(Play play, int size) {
        play.get(play.broker.enqueue(play.queue, jobs(size)));
    }

    private static List<Claim> claims(Play play, int size) {
        enqueue(play, size);
        return play.get(play.broker.claim(play.queue, new ClaimRequest("w", "t", size, 60_000)))
                .claims();
    }

    private static void die(Play play, int size) {
        play.get(play.broker.fail(
                play.queue,
                claims(play, size).stream()
                        .<Completion.Failed>map(it -> new Completion.Dead(it.id(), it.token(), Play.BODY))
                        .toList()));
    }
}
