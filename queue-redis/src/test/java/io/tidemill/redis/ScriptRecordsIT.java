package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.tidemill.record.JobCodec;
import io.tidemill.redis.Scenario.Play;
import io.tidemill.redis.script.Script;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that are lost, cannot be read, or were written by a newer version. */
class ScriptRecordsIT extends ScriptsHarness {

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
        String record = "D?x something that only a newer version can read";
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
        String record = "Dc4 something that only a newer version can read";
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
        String record = "D?x something that only a newer version can read";
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
        Map<String, String> records = Map.of("empty", "", "cut", "A-4000", "newer", "D something newer");
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
                    .contains(job.id().equals("newer") ? "layout 'D'" : "empty or damaged");
            assertThat(play.get(broker.lookUp().find(play.queue, job.id(), false))
                            .orElseThrow()
                            .failure())
                    .isEqualTo(job.failure());
        }
        probe.checkInvariants(play.queue);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A-4000", "Dc4 something that only a newer version can read"})
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
    @ValueSource(strings = {"", "A-4000", "Dc4 something that only a newer version can read"})
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
    void a_lock_of_a_job_of_a_newer_layout_is_respected() {
        Play play = new Play(Script.ENQUEUE, open(), probe, connection);
        play.jobs("newer");
        probe.redis().set(RedisProbe.key(play.queue, "job:newer"), "D?x only a newer version can read this");
        probe.redis().set(RedisProbe.key(play.queue, "unique:key"), "newer");
        NewJob job = NewJob.now("mine", Play.BODY, 4)
                .with(JobConstraints.NONE.withUnique(Unique.untilDone("key").onConflict(Unique.Conflict.REPLACE)));

        assertThat(play.get(broker.enqueue(play.queue, List.of(job))))
                .containsExactly(new EnqueueReply.Duplicate("newer"));
    }
}
