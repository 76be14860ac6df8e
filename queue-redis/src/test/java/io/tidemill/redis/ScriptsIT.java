package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.QueueLimits;
import io.tidemill.record.JobCodec;
import io.tidemill.redis.Scenario.Call;
import io.tidemill.redis.Scenario.Play;
import io.tidemill.redis.script.Script;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every script: it can be sent again, come late, be refused at any key, and meet a full Redis. */
class ScriptsIT {

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

    @AfterEach
    void close() {
        probe.redis().configSet("maxmemory", "0");
        broker.close();
        // The probe looks for a queue's keys among all there are.
        probe.redis().flushall();
    }

    @ParameterizedTest
    @EnumSource(Scenario.class)
    void a_call_does_something_and_leaves_the_structures_in_order(Scenario scenario) {
        Play play = play(scenario);
        Call call = scenario.prepare(play);
        Map<String, String> before = probe.contents(play.queue);

        assertThat(play.send(call)).first().isEqualTo("OK");

        assertThat(probe.contents(play.queue)).isNotEqualTo(before);
        probe.checkInvariants(play.queue);
        assertThat(probe.places(play.queue).values()).allMatch(states -> states.size() == 1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Scenario.class,
            names = {"EXTEND", "REGISTER"},
            mode = EnumSource.Mode.EXCLUDE)
    void a_repeated_call_changes_nothing_more(Scenario scenario) {
        Play play = play(scenario);
        Call call = scenario.prepare(play);
        List<Object> first = play.send(call);
        Map<String, String> after = probe.contents(play.queue);

        List<Object> second = play.send(call);

        assertThat(probe.contents(play.queue)).isEqualTo(after);
        boolean claims = scenario.script() == Script.COMPLETE && scenario != Scenario.COMPLETE_ONLY;
        if (scenario.isNumbered() && !claims && scenario != Scenario.ENQUEUE_HANDED) {
            // How things stood when it was executed is not known any more.
            int size = scenario.script() == Script.ENQUEUE ? first.size() - 1 : first.size();
            assertThat(second.subList(0, size)).isEqualTo(first.subList(0, size));
        } else if (claims) {
            assertThat(second.subList(0, 2)).isEqualTo(first.subList(0, 2));
        }
        if (scenario == Scenario.COMPLETE || scenario == Scenario.CLAIM || scenario == Scenario.CLAIM_PLAIN) {
            // All but how long until there is more, which nobody looks for again.
            assertThat(second)
                    .as("the same jobs")
                    .containsAll(
                            first.stream().filter(part -> !part.equals("-1")).toList());
        }
    }

    @ParameterizedTest
    @EnumSource(Scenario.class)
    void a_call_that_comes_after_its_time_changes_nothing(Scenario scenario) {
        Play play = play(scenario);
        Call call = scenario.prepare(play);
        Map<String, String> before = probe.contents(play.queue);

        assertThat(play.send(call.with(0, Long.toString(probe.millis() - 1)))).containsExactly("LATE");

        assertThat(probe.contents(play.queue)).isEqualTo(before);
        assertThat(play.send(call.with(0, Long.toString(probe.millis() + 10_000))))
                .first()
                .isEqualTo("OK");
    }

    @ParameterizedTest
    @EnumSource(Scenario.class)
    void a_call_older_than_the_last_one_changes_nothing(Scenario scenario) {
        if (!scenario.isNumbered()) {
            return;
        }
        Play play = play(scenario);
        Call call = scenario.prepare(play);
        String key =
                RedisProbe.key(play.queue, "request:test:" + scenario.script().hop());
        probe.redis().set(key, "2:", SetArgs.Builder.px(60_000));
        Map<String, String> before = probe.contents(play.queue);

        assertThat(play.send(call)).containsExactly("LATE");

        assertThat(probe.contents(play.queue)).isEqualTo(before);
    }

    /** An ordinary build tries one in three of the keys in each scenario, and others in the next. */
    @ParameterizedTest
    @EnumSource(Scenario.class)
    @Tag(Thorough.TAG)
    void a_key_of_the_wrong_type_refuses_the_whole_call(Scenario scenario) {
        Script script = scenario.script();
        int oneIn = Thorough.size(3, 1);
        for (int i = scenario.ordinal() % oneIn; i < script.keys().size(); i += oneIn) {
            String name = script.keys().get(i);
            if (tolerated(scenario).contains(name)) {
                continue;
            }
            probe.redis().flushall();
            Play play = play(scenario);
            Call call = scenario.prepare(play);
            String key = call.keys().get(i);
            probe.redis().del(key);
            probe.redis().xadd(key, Map.of("not", "ours"));
            Map<String, String> before = probe.contents(play.queue);

            assertThatThrownBy(() -> play.send(call))
                    .as("%s is of the wrong type", name)
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOf(RedisCommandExecutionException.class)
                    .hasMessageStartingWith("WRONGTYPE");

            assertThat(probe.contents(play.queue)).as("with %s", name).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @EnumSource(Scenario.class)
    void a_full_redis_refuses_only_enqueue(Scenario scenario) {
        Play play = play(scenario);
        Call call = scenario.prepare(play);
        Map<String, String> before = probe.contents(play.queue);
        probe.redis().configSet("maxmemory", "1");

        if (scenario.script() == Script.ENQUEUE) {
            assertThatThrownBy(() -> play.send(call)).hasMessageContaining("OOM");
            assertThat(probe.contents(play.queue)).isEqualTo(before);
        } else {
            assertThat(play.send(call)).first().isEqualTo("OK");
            assertThat(probe.contents(play.queue)).isNotEqualTo(before);
            probe.checkInvariants(play.queue);
        }
    }

    @ParameterizedTest
    @EnumSource(Scenario.class)
    void a_redis_that_forgot_the_scripts_is_told_again(Scenario scenario) {
        Play play = play(scenario);
        Call call = scenario.prepare(play);
        probe.redis().scriptFlush();

        assertThat(play.send(call)).first().isEqualTo("OK");
    }

    @Test
    void an_enqueue_whose_reply_was_lost_does_not_bring_back_a_job_that_has_run_since() {
        Play play = new Play(Script.ENQUEUE, open(), probe, connection);
        Call call = play.call(List.of("one"), "0", "1", "", "1", "0", "", "0", "0", "", "A-4000000000000nbody");
        assertThat(play.send(call)).startsWith("OK", "");
        Claim claim = play.runningFor(60_000, "held").get(0);
        complete(play, claim);

        assertThat(play.send(call)).startsWith("OK", "");

        assertThat(probe.places(play.queue)).isEmpty();
        assertThat(play.get(broker.lists().counts(play.queue)).accepted()).isEqualTo(1);
    }

    @Test
    void an_enqueue_whose_reply_was_lost_says_again_which_jobs_were_refused() {
        Play play = new Play(Script.ENQUEUE, open(), probe, connection);
        play.jobs("one");
        Call call = play.call(
                List.of("one", "two"),
                "0",
                "1",
                "",
                "1",
                "0",
                "",
                "0",
                "0",
                "",
                "A-4000000000000n1",
                "A-4000000000000n2");

        assertThat(play.send(call)).startsWith("OK", "01");
        assertThat(play.send(call)).startsWith("OK", "01");
    }

    @Test
    void a_completion_whose_reply_was_lost_is_settled_even_though_its_lease_is_gone() {
        Play play = new Play(Script.COMPLETE, open(), probe, connection);
        play.running("one");
        Call call = play.call(List.of("one"), "0", "1", "", "", "0", "0", "", "", "1", "held", "1");
        assertThat(play.send(call)).containsExactly("OK", "");

        // The same id again, run by somebody else: the straggler must not end it.
        play.jobs("one");
        play.runningFor(60_000, "other");
        assertThat(play.send(call)).containsExactly("OK", "");

        assertThat(probe.places(play.queue)).containsEntry("one", Set.of(JobState.ACTIVE));
        assertThat(play.get(broker.lists().counts(play.queue)).succeeded()).isEqualTo(1);
    }

    @Test
    void a_failure_whose_reply_was_lost_counts_once_though_the_job_runs_again() {
        Play play = new Play(Script.FAIL, open(), probe, connection);
        play.running("one");
        Call call = play.call(List.of("one"), "0", "1", "held", "r", "0", "why");
        assertThat(play.send(call)).containsExactly("OK", "");
        Claim again = play.runningFor(60_000, "other").get(0);
        assertThat(again.failures()).isEqualTo(1);

        assertThat(play.send(call)).containsExactly("OK", "");

        assertThat(play.get(broker.lookUp().find(play.queue, "one", false))
                        .orElseThrow()
                        .failures())
                .isEqualTo(1);
        assertThat(probe.places(play.queue)).containsEntry("one", Set.of(JobState.ACTIVE));
    }

    @Test
    void the_body_and_the_failure_keep_every_byte() {
        Play play = new Play(Script.FAIL, open(), probe, connection);
        byte[] every = new byte[256];
        for (int i = 0; i < every.length; i++) {
            every[i] = (byte) i;
        }
        play.get(broker.enqueue(play.queue, List.of(NewJob.now("one", every, 3))));
        for (int failures = 1; failures <= 3; failures++) {
            Claim claim = play.runningFor(60_000, "t" + failures).get(0);
            assertThat(claim.body()).isEqualTo(every);
            assertThat(claim.priority()).isEqualTo(3);
            assertThat(claim.attempt()).isEqualTo(failures);
            play.get(broker.fail(play.queue, List.of(new Completion.Retry("one", "t" + failures, 0, every))));
            assertThat(play.get(broker.lookUp().find(play.queue, "one", false))
                            .orElseThrow()
                            .failure())
                    .isEqualTo(every);
        }
    }

    @Test
    void a_record_of_a_newer_layout_is_left_to_others_and_never_changed() {
        Play play = new Play(Script.CLAIM, open(), probe, connection);
        play.jobs("newer", "ours", "held");
        String record = "C?x something that only a newer version can read";
        probe.redis().set(RedisProbe.key(play.queue, "job:newer"), record);

        List<Claim> claims = play.runningFor(60_000, "t1");
        afterOwnCalls(play);
        play.get(broker.release(play.queue, List.of(new Completion.Release("held", "t1", 60_000))));

        assertThat(claims).extracting(Claim::id).containsExactly("ours", "held");
        assertThat(probe.places(play.queue)).containsEntry("newer", Set.of(JobState.SCHEDULED));
        play.due("due", 4);
        probe.redis().zadd(RedisProbe.key(play.queue, "delayed"), 2.0, "newer");
        assertThat(play.get(broker.sweeps().promote(play.queue, 10))).isEqualTo(2);
        assertThat(play.get(broker.lookUp().find(play.queue, "newer", false))
                        .orElseThrow()
                        .state())
                .isEqualTo(JobState.READY);
        probe.redis().sadd(RedisProbe.key(play.queue, "lease:gone"), "newer");
        probe.redis().zadd(RedisProbe.key(play.queue, "leases"), 1.0, "gone");
        probe.redis().lrem(RedisProbe.key(play.queue, "ready"), 1, "newer");
        assertThat(play.get(broker.sweeps().recover(play.queue, 10, 0, Play.BODY))
                        .recovered())
                .extracting(JobBrief::id)
                .containsExactly("newer");
        assertThat(probe.redis().get(RedisProbe.key(play.queue, "job:newer"))).isEqualTo(record);
        probe.checkInvariants(play.queue);
    }

    @Test
    void a_job_that_cannot_be_read_is_put_aside_as_it_is_and_its_neighbours_run() {
        Play play = new Play(Script.CLAIM, open(), probe, connection);
        play.jobs("one", "cut", "trailer", "two");
        Map<String, String> broken = Map.of(
                "order 42", "A-4000000000000nbody",
                "caf\u00e9 \n", "A-4000000000000nbody",
                "cut", "A-4000",
                "trailer", "Ac4000000000000fbody00000099");
        broken.forEach((id, record) -> {
            probe.redis().set(RedisProbe.key(play.queue, "job:" + id), record);
            probe.redis().lrem(RedisProbe.key(play.queue, "ready"), 1, id);
            probe.redis().lpush(RedisProbe.key(play.queue, "ready"), id);
        });

        List<Claim> claims = play.runningFor(60_000, "t1");
        assertThat(claims).extracting(Claim::id).containsExactly("one", "two");
        // Fail calls are made one after the other, so this one comes after the broker's own.
        assertThat(play.get(broker.fail(play.queue, List.of(new Completion.Retry("two", "t1", 60_000, Play.BODY)))))
                .containsExactly(CompletionReply.SETTLED);
        complete(play, claims.get(0));

        broken.forEach((id, record) -> {
            assertThat(probe.places(play.queue)).containsEntry(id, Set.of(JobState.DEAD));
            assertThat(probe.redis().get(RedisProbe.key(play.queue, "job:" + id)))
                    .isEqualTo(record);
        });
        assertThat(play.get(broker.lists().list(play.queue, JobState.DEAD, 0, 10)))
                .hasSize(4);
        assertThat(play.runningFor(60_000, "t2")).isEmpty();
        probe.checkInvariants(play.queue);
    }

    @Test
    void a_completion_whose_id_is_none_fails_its_call_and_does_not_throw() {
        Play play = new Play(Script.FAIL, open(), probe, connection);
        Completion.Release release = new Completion.Release("order\n42", "t1", 0);

        assertThat(broker.release(play.queue, List.of(release))).isCompletedExceptionally();
        assertThat(broker.fail(play.queue, List.of(new Completion.Dead("order\n42", "t1", Play.BODY))))
                .isCompletedExceptionally();
        assertThat(broker.complete(play.queue, List.of(new Completion.Succeeded("order\n42", "t1", null, 0)), null))
                .isCompletedExceptionally();
    }

    @Test
    void a_record_of_a_newer_layout_is_not_failed_or_released_by_what_its_second_byte_means_to_us() {
        Play play = new Play(Script.CLAIM, open(), probe, connection);
        String record = "Cc4 something that only a newer version can read";
        play.jobs("failing", "released");
        for (String id : List.of("failing", "released")) {
            write(play, id, record);
            hold(play, id, "held");
        }
        assertThat(play.get(
                        broker.fail(play.queue, List.of(new Completion.Retry("failing", "held", 9_000, Play.BODY)))))
                .containsExactly(CompletionReply.SETTLED);
        assertThat(play.get(broker.release(play.queue, List.of(new Completion.Release("released", "held", 9_000)))))
                .containsExactly(CompletionReply.SETTLED);

        assertThat(probe.places(play.queue))
                .containsEntry("failing", Set.of(JobState.SCHEDULED))
                .containsEntry("released", Set.of(JobState.SCHEDULED));
        for (String id : List.of("failing", "released")) {
            assertThat(probe.redis().get(RedisProbe.key(play.queue, "job:" + id)))
                    .isEqualTo(record);
        }
        probe.checkInvariants(play.queue);
    }

    @Test
    void an_empty_record_is_put_among_the_dead_and_nobody_is_told_that_it_expired() {
        Play play = new Play(Script.CLAIM, open(), probe, connection);
        play.jobs("empty", "whole");
        write(play, "empty", "");

        ClaimReply claimed = play.get(broker.claim(play.queue, new ClaimRequest("w0", "t1", 10, 60_000)));
        afterOwnCalls(play);

        assertThat(claimed.expired()).isEmpty();
        assertThat(claimed.claims()).extracting(Claim::id).containsExactly("whole");
        assertThat(play.get(broker.lists().list(play.queue, JobState.DEAD, 0, 10)))
                .extracting(JobSnapshot::id)
                .containsExactly("empty");
        assertThat(probe.redis().get(RedisProbe.key(play.queue, "job:empty"))).isEmpty();
        probe.checkInvariants(play.queue);
    }

    @Test
    void a_record_of_a_newer_layout_is_dead_as_it_is_once_it_was_left_to_others_often_enough() {
        Play play = new Play(Script.CLAIM, open(), probe, connection);
        String record = "C?x something that only a newer version can read";
        play.jobs("newer");
        write(play, "newer", record);

        int rounds = 0;
        while (play.get(broker.lists().list(play.queue, JobState.DEAD, 0, 10)).isEmpty() && rounds < 200) {
            play.runningFor(60_000, "t" + rounds++);
            afterOwnCalls(play);
            if (probe.redis().zscore(RedisProbe.key(play.queue, "delayed"), "newer") != null) {
                probe.redis().zadd(RedisProbe.key(play.queue, "delayed"), 1.0, "newer");
            }
        }

        assertThat(rounds).isEqualTo(121);
        assertThat(probe.redis().get(RedisProbe.key(play.queue, "job:newer"))).isEqualTo(record);
        assertThat(probe.redis().exists(RedisProbe.key(play.queue, "unread:newer")))
                .isZero();
        probe.checkInvariants(play.queue);
    }

    @Test
    void a_dead_job_whose_record_cannot_be_read_says_why_and_shows_its_bytes() {
        Play play = new Play(Script.CLAIM, open(), probe, connection);
        Map<String, String> records = Map.of("empty", "", "cut", "A-4000", "newer", "C something newer");
        records.forEach((id, record) -> {
            play.jobs(id);
            write(play, id, record);
            probe.redis().lrem(RedisProbe.key(play.queue, "ready"), 1, id);
            probe.redis().zadd(RedisProbe.key(play.queue, "dead"), 1.0, id);
        });

        for (JobSnapshot job : play.get(broker.lists().list(play.queue, JobState.DEAD, 0, 10))) {
            assertThat(job.body()).asString().isEqualTo(records.get(job.id()));
            assertThat(JobCodec.decodeFailure(job.failure()).type()).isEqualTo("UnreadableRecord");
            assertThat(JobCodec.decodeFailure(job.failure()).message())
                    .contains(job.id().equals("newer") ? "layout 'C'" : "empty or damaged");
            assertThat(play.get(broker.lookUp().find(play.queue, job.id(), false))
                            .orElseThrow()
                            .failure())
                    .isEqualTo(job.failure());
        }
        probe.checkInvariants(play.queue);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A-4000", "Cc4 something that only a newer version can read"})
    void a_job_whose_record_cannot_be_read_can_be_cancelled_wherever_it_is(String record) {
        Play play = new Play(Script.CLAIM, open(), probe, connection);
        play.jobs("ready", "active", "dead", "whole");
        play.get(broker.enqueue(
                play.queue, List.of(NewJob.now("delayed", Play.BODY, 4).after(60_000))));
        for (String id : List.of("ready", "active", "dead", "delayed")) {
            write(play, id, record);
        }
        hold(play, "active", "held");
        probe.redis().lrem(RedisProbe.key(play.queue, "ready"), 1, "dead");
        probe.redis().zadd(RedisProbe.key(play.queue, "dead"), 1.0, "dead");

        assertThat(play.get(broker.cancellation().cancel(play.queue, "ready"))).isEqualTo(CancelReply.CANCELLED);
        assertThat(play.get(broker.cancellation().cancel(play.queue, "ready"))).isEqualTo(CancelReply.NOT_FOUND);
        assertThat(play.get(broker.cancellation().cancel(play.queue, "delayed")))
                .isEqualTo(CancelReply.CANCELLED);
        assertThat(play.get(broker.cancellation().cancel(play.queue, "dead"))).isEqualTo(CancelReply.NOT_FOUND);
        assertThat(play.get(broker.cancellation().cancel(play.queue, "active"))).isEqualTo(CancelReply.REQUESTED);
        assertThat(play.get(broker.lists().list(play.queue, JobState.READY, 0, 10)))
                .extracting(JobSnapshot::id)
                .containsExactly("whole");
        assertThat(play.get(broker.lists().counts(play.queue)).ready()).isEqualTo(1);
        assertThat(play.get(broker.release(play.queue, List.of(new Completion.Release("active", "held", 0)))))
                .containsExactly(CompletionReply.CANCELLED);
        assertThat(play.runningFor(60_000, "t1")).extracting(Claim::id).containsExactly("whole");
        afterOwnCalls(play);

        assertThat(probe.places(play.queue)).containsOnlyKeys("dead", "whole");
        assertThat(play.get(broker.lists().counts(play.queue)).cancelled()).isEqualTo(3);
        probe.checkInvariants(play.queue);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A-4000", "Cc4 something that only a newer version can read"})
    void a_job_whose_record_cannot_be_read_can_be_deleted_wherever_it_does_not_run(String record) {
        Play play = new Play(Script.CLAIM, open(), probe, connection);
        play.jobs("ready", "dead", "whole");
        play.get(broker.enqueue(
                play.queue, List.of(NewJob.now("delayed", Play.BODY, 4).after(60_000))));
        for (String id : List.of("ready", "dead", "delayed")) {
            write(play, id, record);
        }
        probe.redis().lrem(RedisProbe.key(play.queue, "ready"), 1, "dead");
        probe.redis().zadd(RedisProbe.key(play.queue, "dead"), 1.0, "dead");

        for (String id : List.of("ready", "dead", "delayed")) {
            assertThat(play.get(broker.operations().delete(play.queue, id))).isEqualTo(DeleteReply.DELETED);
            assertThat(play.get(broker.operations().delete(play.queue, id))).isEqualTo(DeleteReply.NOT_FOUND);
        }
        assertThat(play.runningFor(60_000, "t1")).extracting(Claim::id).containsExactly("whole");
        afterOwnCalls(play);

        assertThat(probe.places(play.queue)).containsOnlyKeys("whole");
        probe.checkInvariants(play.queue);
    }

    private void write(Play play, String id, String record) {
        probe.redis().set(RedisProbe.key(play.queue, "job:" + id), record);
    }

    /** Puts a ready job under a lease without reading it. */
    private void hold(Play play, String id, String token) {
        probe.redis().lrem(RedisProbe.key(play.queue, "ready"), 1, id);
        probe.redis().sadd(RedisProbe.key(play.queue, "lease:" + token), id);
        probe.redis().zadd(RedisProbe.key(play.queue, "leases"), probe.millis() + 60_000, token);
    }

    /** Calls of one kind are made one after the other: when this one is answered, so are those that the broker made. */
    private void afterOwnCalls(Play play) {
        play.get(broker.fail(play.queue, List.of(new Completion.Cancelled("nobody", "nothing"))));
    }

    @Test
    void a_job_whose_record_is_gone_is_not_to_be_cancelled_for_ever() {
        Play play = new Play(Script.CLAIM, open(), probe, connection);
        play.running("failing", "released");
        play.jobs("lost");
        play.runningFor(1, "ends");
        for (String id : List.of("failing", "released", "lost")) {
            assertThat(play.get(broker.cancellation().cancel(play.queue, id))).isEqualTo(CancelReply.REQUESTED);
            probe.redis().del(RedisProbe.key(play.queue, "job:" + id));
        }
        probe.letPass(Duration.ofMillis(2));

        play.get(broker.fail(play.queue, List.of(new Completion.Dead("failing", "held", Play.BODY))));
        play.get(broker.release(play.queue, List.of(new Completion.Release("released", "held", 0))));
        play.get(broker.sweeps().recover(play.queue, 10, 3, Play.BODY));

        assertThat(probe.redis().smembers(RedisProbe.key(play.queue, "cancels")))
                .isEmpty();
        probe.checkInvariants(play.queue);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A-4000000000000nbody", "B-4000000000000n0006gotherbody"})
    void a_job_whose_record_is_lost_or_damaged_while_it_runs_gives_its_groups_room_back(String damaged) {
        for (boolean isCompleted : List.of(true, false)) {
            Play play = new Play(Script.RECOVER, open(), probe, connection);
            play.limit(LimitScope.GROUPS, Limit.concurrency(1));
            play.grouped("a", "a1", "a2");
            Claim running = play.runningFor(isCompleted ? 600_000 : 1, "t1").get(0);
            String key = RedisProbe.key(play.queue, "job:a1");
            if (damaged.isEmpty()) {
                probe.redis().del(key);
            } else {
                probe.redis().set(key, damaged);
            }
            if (isCompleted) {
                complete(play, running);
            }
            probe.letPass(Duration.ofMillis(2));
            play.get(broker.sweeps().recover(play.queue, 10, 0, Play.BODY));
            play.runningFor(600_000, "t2");
            play.get(broker.sweeps().recover(play.queue, 10, 0, Play.BODY));

            play.runningFor(600_000, "t3");

            assertThat(probe.places(play.queue)).containsEntry("a2", Set.of(JobState.ACTIVE));
            assertThat(probe.redis().smembers(RedisProbe.key(play.queue, "holders:a")))
                    .containsExactly("a2");
            probe.checkInvariants(play.queue);
        }
    }

    @Test
    void a_lost_job_does_not_hold_up_its_group_for_ever_though_nothing_else_is_due() {
        Play play = new Play(Script.SURVEY, open(), probe, connection);
        play.limit(LimitScope.GROUPS, Limit.concurrency(1));
        play.grouped("a", "lost", "next");
        for (int i = 0; i < 30; i++) {
            play.grouped("paced" + i, "paced" + i);
            play.park("paced" + i, "9999999999999");
        }
        Claim running = play.runningFor(600_000, "t1").get(0);
        probe.redis().del(RedisProbe.key(play.queue, "job:lost"));
        complete(play, running);
        assertThat(play.runningFor(600_000, "t2")).isEmpty();

        // As maintenance does: whoever has nothing to do is not asked for more.
        if (play.get(broker.sweeps().survey(List.of(play.queue))).get(0).due()) {
            play.get(broker.sweeps().recover(play.queue, 10, 3, Play.BODY));
        }

        assertThat(play.runningFor(600_000, "t3")).extracting(Claim::id).containsExactly("next");
        assertThat(play.get(broker.sweeps().survey(List.of(play.queue))).get(0).due())
                .isFalse();
    }

    @Test
    void a_limit_over_many_groups_blocks_redis_for_no_more_than_a_step() {
        Play play = new Play(Script.LIMIT, open(), probe, connection);
        play.limit(LimitScope.GROUPS, Limit.rate(1, Duration.ofHours(1)));
        hold(play, 3_000);

        List<List<Object>> steps = new ArrayList<>();
        String next = "";
        do {
            List<Object> reply = play.send(play.call(List.of(), "0", "groups", "c7", "1", next));
            assertThat(play.get(broker.limits().limits(play.queue)).groups().concurrency())
                    .as("what others see after each step")
                    .isEqualTo(Limit.concurrency(7));
            next = (String) reply.get(1);
            steps.add(reply);
        } while (!next.isEmpty());

        assertThat(steps).hasSizeBetween(4, 10);
        assertThat(heldUntil(play)).containsOnly(0.0);
        assertThat(probe.redis().exists(RedisProbe.key(play.queue, "review"))).isZero();
    }

    @Test
    void a_limit_that_is_set_already_costs_nothing_and_a_review_that_was_broken_off_goes_on() {
        Play play = new Play(Script.LIMIT, open(), probe, connection);
        hold(play, 3_000);
        play.send(play.call(List.of(), "0", "groups", "c7", "1", ""));
        assertThat(heldUntil(play)).contains(9_999_999_999_999.0);

        play.limit(LimitScope.GROUPS, Limit.concurrency(7));
        assertThat(heldUntil(play)).containsOnly(0.0);

        Map<String, String> before = probe.contents(play.queue);
        Call same = play.call(List.of(), "0", "groups", "c7", "2", "");
        assertThat(probe.commandsOf(() -> assertThat(play.send(same)).containsExactly("OK", "")))
                .isLessThan(12);
        assertThat(probe.contents(play.queue)).isEqualTo(before);
    }

    @Test
    void what_runs_is_counted_in_steps_before_a_limit_of_the_queue_holds() {
        Play play = new Play(Script.LIMIT, open(), probe, connection);
        for (int lease = 0; lease < 4; lease++) {
            int from = 600 * lease;
            play.jobs(IntStream.range(from, from + 600).mapToObj(i -> "job" + i).toArray(String[]::new));
            play.get(broker.claim(play.queue, new ClaimRequest("w", "lease" + lease, 600, 600_000)));
        }
        play.jobs("during", "after");

        String next = (String)
                play.send(play.call(List.of(), "0", "queue", "c1000", "1", "")).get(1);
        assertThat(next).startsWith("k");
        assertThat(play.get(broker.limits().limits(play.queue)))
                .as("not in force yet")
                .isEqualTo(QueueLimits.NONE);
        play.get(broker.claim(play.queue, new ClaimRequest("w", "during", 1, 600_000)));
        int steps = 1;
        for (; !next.isEmpty(); steps++) {
            next = (String) play.send(play.call(List.of(), "0", "queue", "c1000", "1", next))
                    .get(1);
        }

        assertThat(steps).isGreaterThan(2);
        assertThat(play.runningFor(600_000, "after")).isEmpty();
        assertThat(probe.redis().scard(RedisProbe.key(play.queue, "holders"))).isEqualTo(2_401);
        probe.checkInvariants(play.queue);
    }

    @Test
    void of_two_limits_that_are_being_set_the_later_holds() {
        Play play = new Play(Script.LIMIT, open(), probe, connection);
        play.running("one");
        probe.redis().hset(RedisProbe.key(play.queue, "limits"), "queue", "k1");

        play.limit(LimitScope.QUEUE, Limit.concurrency(9));
        assertThat(play.send(play.call(List.of(), "0", "queue", "c5", "1", "k0")))
                .containsExactly("OK", "");

        assertThat(play.get(broker.limits().limits(play.queue)).queue().concurrency())
                .isEqualTo(Limit.concurrency(9));
        probe.checkInvariants(play.queue);
    }

    /** Groups that a rate holds up. */
    private void hold(Play play, int groups) {
        for (int i = 0; i < groups; i++) {
            probe.redis().rpush(RedisProbe.key(play.queue, "group:g" + i), "job" + i);
            probe.redis().zadd(RedisProbe.key(play.queue, "parked"), 9_999_999_999_999.0, "g" + i);
        }
    }

    private Set<Double> heldUntil(Play play) {
        return probe.redis().zrangeWithScores(RedisProbe.key(play.queue, "parked"), 0, -1).stream()
                .map(group -> group.getScore())
                .collect(Collectors.toSet());
    }

    @Test
    void a_group_that_waits_for_jobs_that_run_goes_on_waiting() {
        Play play = new Play(Script.RECOVER, open(), probe, connection);
        play.limit(LimitScope.GROUPS, Limit.concurrency(1));
        for (int group = 0; group < 25; group++) {
            play.grouped("g" + group, "first" + group, "second" + group);
        }
        assertThat(play.runningFor(600_000, "t1")).hasSize(25);
        Map<String, String> before = probe.contents(play.queue);

        play.get(broker.sweeps().recover(play.queue, 10, 0, Play.BODY));

        assertThat(probe.contents(play.queue)).isEqualTo(before);
        assertThat(play.runningFor(600_000, "t2")).isEmpty();
    }

    @Test
    void a_job_whose_record_is_lost_while_it_runs_does_not_come_back_as_half_a_job() {
        Play play = new Play(Script.CLAIM, open(), probe, connection);
        List<String> lost = List.of("succeeds", "fails", "returns", "crashes");
        play.running("succeeds", "fails", "returns");
        play.jobs("crashes");
        play.runningFor(1, "ends");
        lost.forEach(id -> probe.redis().del(RedisProbe.key(play.queue, "job:" + id)));
        probe.letPass(Duration.ofMillis(2));

        play.get(broker.complete(play.queue, List.of(new Completion.Succeeded("succeeds", "held", null, 0)), null));
        play.get(broker.fail(play.queue, List.of(new Completion.Retry("fails", "held", 0, Play.BODY))));
        play.get(broker.release(play.queue, List.of(new Completion.Release("returns", "held", 0))));
        play.get(broker.sweeps().recover(play.queue, 10, 3, Play.BODY));

        assertThat(lost)
                .allSatisfy(id -> assertThat(probe.redis().exists(RedisProbe.key(play.queue, "job:" + id)))
                        .isZero());
        assertThat(play.get(broker.claim(play.queue, new ClaimRequest("w", "next", 10, 60_000)))
                        .claims())
                .isEmpty();
        probe.checkInvariants(play.queue);
    }

    @Test
    void an_enqueue_whose_reply_was_lost_says_again_who_holds_the_keys() {
        Play play = play(Scenario.ENQUEUE_FLOWS);
        Call call = Scenario.ENQUEUE_FLOWS.prepare(play);

        List<Object> first = play.send(call);

        assertThat(first.subList(0, 2)).containsExactly("OK", "ppr11ph1 ready delayed kept new5 new1");
        assertThat(play.send(call).subList(0, 2)).isEqualTo(first.subList(0, 2));
    }

    @Test
    void a_lock_of_a_job_that_is_gone_is_taken_over() {
        Play play = new Play(Script.ENQUEUE, open(), probe, connection);
        for (String stray : List.of("never-was", "other", "dropped", "dead")) {
            play.jobs("other");
            play.unique("dropped", "dropped-key", 0);
            play.get(broker.cancellation().cancel(play.queue, "dropped"));
            play.unique("dead", "dead-key", 0);
            for (Claim claim : play.runningFor(60_000, "t-" + stray)) {
                play.get(broker.fail(play.queue, List.of(new Completion.Dead(claim.id(), claim.token(), Play.BODY))));
            }
            String key = "key-" + stray;
            probe.redis().set(RedisProbe.key(play.queue, "unique:" + key), stray);

            play.unique("first-" + stray, key, 60_000);

            assertThat(probe.redis().get(RedisProbe.key(play.queue, "unique:" + key)))
                    .isEqualTo("first-" + stray);
        }
        probe.checkInvariants(play.queue);
    }

    @Test
    void a_lock_of_a_job_of_a_newer_layout_is_respected() {
        Play play = new Play(Script.ENQUEUE, open(), probe, connection);
        play.jobs("newer");
        probe.redis().set(RedisProbe.key(play.queue, "job:newer"), "C?x only a newer version can read this");
        probe.redis().set(RedisProbe.key(play.queue, "unique:key"), "newer");
        NewJob job = NewJob.now("mine", Play.BODY, 4)
                .with(JobConstraints.NONE.withUnique(Unique.untilDone("key").onConflict(Unique.Conflict.REPLACE)));

        assertThat(play.get(broker.enqueue(play.queue, List.of(job))))
                .containsExactly(new EnqueueReply.Duplicate("newer"));
    }

    @Test
    void with_more_leases_than_are_looked_at_a_ready_job_is_not_replaced_but_stays() {
        Play play = new Play(Script.ENQUEUE, open(), probe, connection);
        play.unique("holder", "key", 0);
        for (int i = 0; i < 1000; i++) {
            probe.redis().zadd(RedisProbe.key(play.queue, "leases"), 9e12, "lease" + i);
        }
        NewJob job = NewJob.now("mine", Play.BODY, 4)
                .with(JobConstraints.NONE.withUnique(Unique.untilDone("key").onConflict(Unique.Conflict.REPLACE)));

        assertThat(play.get(broker.enqueue(play.queue, List.of(job))))
                .containsExactly(new EnqueueReply.Duplicate("holder"));
        assertThat(probe.places(play.queue)).containsEntry("holder", Set.of(JobState.READY));
    }

    @Test
    void words_that_look_like_a_time_are_names_where_names_belong() {
        Play play = new Play(Script.ENQUEUE, open(), probe, connection);
        JobConstraints constraints = new JobConstraints(Unique.untilDone("x5"), "x60000", 0);

        play.get(broker.enqueue(
                play.queue, List.of(NewJob.now("one", Play.BODY, 4).with(constraints))));

        assertThat(probe.redis().get(RedisProbe.key(play.queue, "job:one")))
                .isEqualTo("B-4000000000000n0012udx5 gx60000body");
        assertThat(probe.redis().get(RedisProbe.key(play.queue, "unique:x5"))).isEqualTo("one");
        probe.checkInvariants(play.queue);
    }

    @Test
    void a_plain_job_is_stored_byte_for_byte_as_it_was_without_flows() {
        Play play = new Play(Script.ENQUEUE, open(), probe, connection);
        NewJob unique = NewJob.now("unique", Play.BODY, 4).with(JobConstraints.NONE.withUnique(Unique.untilDone("k")));

        play.get(broker.enqueue(play.queue, List.of(NewJob.now("plain", Play.BODY, 4), unique)));

        assertThat(probe.redis().get(RedisProbe.key(play.queue, "job:plain"))).isEqualTo("A-4000000000000nbody");
    }

    @Test
    void counts_of_a_head_stop_at_their_width() {
        Play play = new Play(Script.FAIL, open(), probe, connection);
        play.jobs("one");
        probe.redis().setrange(RedisProbe.key(play.queue, "job:one"), 3, "999999999999");
        Claim claim = play.runningFor(60_000, "t1").get(0);
        assertThat(claim.failures()).isEqualTo(9_999);
        assertThat(claim.lostLeases()).isEqualTo(999);
        assertThat(claim.releases()).isEqualTo(99_999);

        play.get(broker.fail(play.queue, List.of(new Completion.Retry("one", "t1", 0, Play.BODY))));
        play.runningFor(60_000, "t2");
        play.get(broker.release(play.queue, List.of(new Completion.Release("one", "t2", 0))));

        assertThat(play.runningFor(60_000, "t3").get(0)).satisfies(again -> {
            assertThat(again.failures()).isEqualTo(9_999);
            assertThat(again.releases()).isEqualTo(99_999);
            assertThat(again.body()).isEqualTo(Play.BODY);
        });
    }

    @Test
    void a_full_batch_passes_through_every_hop() {
        Play play = new Play(Script.ENQUEUE, open(), probe, connection);
        List<NewJob> jobs = java.util.stream.IntStream.range(0, 1000)
                .mapToObj(i -> NewJob.now("job" + i, Play.BODY, i % 10))
                .toList();
        assertThat(play.get(broker.enqueue(play.queue, jobs))).containsOnly(EnqueueReply.ACCEPTED);
        List<Claim> claims = play.get(broker.claim(play.queue, new ClaimRequest("w", "t1", 1000, 60_000)))
                .claims();
        assertThat(claims).hasSize(1000);
        assertThat(play.get(broker.release(
                        play.queue,
                        claims.stream()
                                .map(c -> new Completion.Release(c.id(), c.token(), 0))
                                .toList())))
                .containsOnly(CompletionReply.SETTLED);
        claims = play.get(broker.claim(play.queue, new ClaimRequest("w", "t2", 1000, 60_000)))
                .claims();
        assertThat(play.get(broker.fail(
                        play.queue,
                        claims.stream()
                                .<Completion.Failed>map(c -> new Completion.Retry(c.id(), c.token(), 0, Play.BODY))
                                .toList())))
                .containsOnly(CompletionReply.SETTLED);
        assertThat(play.get(broker.sweeps().promote(play.queue, 1000))).isEqualTo(1000);
        claims = play.get(broker.claim(play.queue, new ClaimRequest("w", "t3", 1000, 60_000)))
                .claims();
        assertThat(play.get(broker.complete(
                                play.queue,
                                claims.stream()
                                        .map(c -> new Completion.Succeeded(c.id(), c.token(), Play.BODY, 60_000))
                                        .toList(),
                                null))
                        .settled())
                .hasSize(1000)
                .containsOnly(CompletionReply.SETTLED);
        assertThat(probe.places(play.queue)).isEmpty();
        probe.checkInvariants(play.queue);
    }

    /** Groups and limits cost a queue that has none one question per call, and nothing per job. */
    @Test
    void a_plain_claim_takes_the_same_few_commands_however_many_jobs_it_takes() {
        Play play = new Play(Script.CLAIM, open(), probe, connection);
        play.get(broker.enqueue(
                play.queue,
                java.util.stream.IntStream.range(0, 1000)
                        .mapToObj(i -> NewJob.now("job" + i, Play.BODY, 4))
                        .toList()));

        long one = probe.commandsOf(() -> play.get(broker.claim(play.queue, new ClaimRequest("w", "t1", 1, 60_000))));
        long many =
                probe.commandsOf(() -> play.get(broker.claim(play.queue, new ClaimRequest("w", "t2", 500, 60_000))));

        assertThat(one).isEqualTo(11);
        assertThat(many).isEqualTo(11);
    }

    @ParameterizedTest
    @EnumSource(Script.class)
    void each_key_is_tried_with_a_wrong_type(Script script) {
        Set<String> untried = new TreeSet<>(script.keys());
        if (Sources.writes(script).isEmpty()) {
            for (String key : script.keys()) {
                if (READS.get(script).stream().anyMatch(arguments -> isRefused(script, key, arguments))) {
                    untried.remove(key);
                }
            }
        } else {
            for (Scenario scenario : Scenario.values()) {
                if (scenario.script() == script) {
                    untried.removeIf(key -> !tolerated(scenario).contains(key));
                }
            }
        }

        // The scripts only ask whether these exist, look at them for jobs without a record, or take their names for a
        // beginning.
        assertThat(untried)
                .isEqualTo(
                        switch (script) {
                            case ENQUEUE -> Set.of("job..", "parked", "limits", "lease");
                            case CANCEL -> Set.of("result");
                            case FIND -> Set.of("kept");
                            case INSPECT -> Set.of("kept", "paused");
                            case REGISTER, WORKERS -> Set.of("leases");
                            case QUEUES -> Set.of("queues");
                            default -> Set.of();
                        });
    }

    /** Calls that only look, at a queue with something everywhere. */
    private static final Map<Script, List<List<String>>> READS = Map.of(
            Script.COUNTS, List.of(List.of("0")),
            Script.LIST,
                    List.of(
                            List.of("0", "READY", "0", "10"),
                            List.of("0", "SCHEDULED", "0", "10"),
                            List.of("0", "ACTIVE", "0", "10"),
                            List.of("0", "DEAD", "0", "10"),
                            List.of("0", "SUCCEEDED", "0", "10")),
            Script.INSPECT, List.of(List.of("0", "a2")),
            Script.LEASES, List.of(List.of("0", "10")),
            Script.WORKERS, List.of(List.of("0")),
            Script.CHECK, List.of(List.of("0", "a2")),
            Script.LIMITS, List.of(List.of("0")),
            Script.SURVEY, List.of(List.of("0")));

    private boolean isRefused(Script script, String name, List<String> arguments) {
        Play play = new Play(script, open(), probe, connection);
        play.blocked();
        Call call = play.call(List.of("a2"), arguments.toArray(String[]::new));
        String key = call.keys().get(script.keys().indexOf(name));
        probe.redis().del(key);
        probe.redis().xadd(key, Map.of("not", "ours"));
        try {
            play.send(call);
            return false;
        } catch (CompletionException e) {
            assertThat(e).hasMessageContaining("WRONGTYPE");
            return true;
        }
    }

    /** Keys that a script only asks the existence of, or does not need in the scenario at hand. */
    private static Set<String> tolerated(Scenario scenario) {
        return switch (scenario) {
            case ENQUEUE ->
                Set.of(
                        "leases",
                        "job..",
                        "dead",
                        "dropped",
                        "awaited",
                        "cancels",
                        "expiring",
                        "turns",
                        "parked",
                        "limits",
                        "lease",
                        "taken");
            case ENQUEUE_FLOWS -> Set.of("parked", "limits", "lease", "taken", "job..");
            // What exists at all is no reason to hand over, and else not looked at.
            case ENQUEUE_FRESH, ENQUEUE_HANDED -> unlookedAt(scenario);
            case CLAIM, CLAIM_LIMITED, CLAIM_PLAIN -> Set.of("awaited", "cancels", "counts", "expiring");
            case COMPLETE, COMPLETE_LIMITED, COMPLETE_PLAIN -> Set.of("job..", "expiring", "kept");
            case COMPLETE_FLOWS -> Set.of("kept");
            case COMPLETE_KEPT -> Set.of("expiring");
            case COMPLETE_ONLY ->
                Set.of("job..", "ready", "levels", "delayed", "dropped", "lease", "expiring", "taken", "kept");
            // Looked at only for a job that has no record.
            case FIND, DELETE_READY, DELETE_SCHEDULED, DELETE_FLOWS -> Set.of("kept");
            case CANCEL_READY, CANCEL_SCHEDULED, CANCEL_ACTIVE, CANCEL_FLOWS -> Set.of("result");
            case REGISTER, LEAVE -> Set.of("leases");
            case REDRIVE, REDRIVE_PLAIN, REDRIVE_FLOWS -> Set.of("job..", "job");
            case DELETE_DEAD -> Set.of("job", "kept");
            default -> Set.of();
        };
    }

    private static Set<String> unlookedAt(Scenario scenario) {
        Set<String> keys = new HashSet<>(Script.ENQUEUE.keys());
        keys.removeAll(Set.of("ready", "waiting", "counts", "request"));
        if (scenario == Scenario.ENQUEUE_HANDED) {
            keys.removeAll(Set.of("leases", "delayed", "taken"));
        }
        return keys;
    }

    private Play play(Scenario scenario) {
        return new Play(scenario.script(), open(), probe, connection);
    }

    private RedisBroker open() {
        return broker;
    }

    private void complete(Play play, Claim claim) {
        play.get(broker.complete(
                play.queue, List.of(new Completion.Succeeded(claim.id(), claim.token(), null, 0)), null));
    }
}
