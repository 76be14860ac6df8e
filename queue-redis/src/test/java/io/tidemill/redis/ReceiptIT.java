package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.Completion;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.redis.Scenario.Play;
import io.tidemill.redis.script.Script;
import io.tidemill.task.JobState;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Redis has lost is not taken for what succeeded. */
class ReceiptIT {

    private final RedisProbe probe = RedisProbe.shared();
    private final RedisBroker broker = RedisBroker.connect(RedisServer.shared().uri());
    private final Play play = new Play(Script.FIND, broker, probe, null);

    @AfterEach
    void close() {
        broker.close();
    }

    private static String store(Play play, NewJob job) {
        EnqueueReply reply =
                play.get(play.broker.enqueue(play.queue, List.of(job))).get(0);
        return Objects.requireNonNull(((EnqueueReply.Accepted) reply).receipt());
    }

    private String store(String id) {
        return store(play, NewJob.now(id, Play.BODY, 4));
    }

    private Optional<JobState> find(String id, String receipt) {
        return play.get(broker.lookUp().find(play.queue, id, false, receipt)).map(JobSnapshot::state);
    }

    private void loseRecord(String id) {
        probe.redis().del(RedisProbe.key(play.queue, "job:" + id));
    }

    private void succeed(Claim claim) {
        play.get(broker.complete(play.queue, List.of(Completion.Succeeded.of(claim, null, 0)), null));
    }

    @Test
    void a_job_whose_record_was_lost_while_it_waited_is_unknown_before_and_after_a_claim_met_it() {
        String receipt = store("one");
        loseRecord("one");
        assertThat(find("one", receipt)).isEmpty();

        assertThat(play.runningFor(60_000, "t1")).isEmpty();

        assertThat(find("one", receipt)).isEmpty();
    }

    @Test
    void a_job_whose_record_was_lost_while_it_was_delayed_is_unknown_before_and_after_its_time() {
        String receipt = store(play, NewJob.now("one", Play.BODY, 4).after(60_000));
        loseRecord("one");
        assertThat(find("one", receipt)).isEmpty();

        probe.redis().zadd(RedisProbe.key(play.queue, "delayed"), 1.0, "one");
        play.get(broker.sweeps().promote(play.queue, 10));

        assertThat(find("one", receipt)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"fail", "release", "recover"})
    void a_job_whose_record_was_lost_while_it_ran_is_unknown_unless_it_succeeded(String end) {
        String receipt = store("one");
        play.runningFor(end.equals("recover") ? 1 : 60_000, "t1");
        loseRecord("one");
        assertThat(find("one", receipt)).isEmpty();

        switch (end) {
            case "fail" -> play.get(broker.fail(play.queue, List.of(new Completion.Retry("one", "t1", 0, Play.BODY))));
            case "release" -> play.get(broker.release(play.queue, List.of(new Completion.Release("one", "t1", 0))));
            default -> {
                probe.letPass(Duration.ofMillis(2));
                play.get(broker.sweeps().recover(play.queue, 10, 3, Play.BODY));
            }
        }

        assertThat(find("one", receipt)).isEmpty();
    }

    @Test
    void a_queue_that_was_flushed_has_forgotten_its_receipts() {
        String receipt = store("one");
        probe.contents(play.queue).keySet().forEach(probe.redis()::del);
        assertThat(find("one", receipt)).isEmpty();

        String next = store("two");
        succeed(play.runningFor(60_000, "t1").get(0));

        assertThat(find("one", receipt)).isEmpty();
        assertThat(find("two", next)).contains(JobState.SUCCEEDED);
    }

    @Test
    void a_receipt_of_jobs_that_redis_has_never_heard_of_proves_nothing() {
        String receipt = store("one");
        succeed(play.runningFor(60_000, "t1").get(0));
        assertThat(find("one", receipt)).contains(JobState.SUCCEEDED);

        probe.redis().hincrby(RedisProbe.key(play.queue, "counts"), "accepted", -1);

        assertThat(find("one", receipt)).isEmpty();
    }

    @Test
    void a_receipt_proves_nothing_after_an_hour_if_a_job_was_cancelled_since() {
        String receipt = store("one");
        play.get(broker.cancellation().cancel(play.queue, "one"));
        probe.redis().del(RedisProbe.key(play.queue, "result:one"));
        assertThat(play.runningFor(60_000, "t1")).isEmpty();
        String[] parts = receipt.split(":");
        parts[3] = Long.toString(Long.parseLong(parts[3]) - Duration.ofHours(1).toMillis());

        assertThat(find("one", String.join(":", parts))).isEmpty();
    }

    @Test
    void a_receipt_of_an_hour_ago_still_proves_that_a_job_succeeded_where_none_was_cancelled() {
        String receipt = store("one");
        succeed(play.runningFor(60_000, "t1").get(0));
        String[] parts = receipt.split(":");
        parts[3] = Long.toString(Long.parseLong(parts[3]) - Duration.ofHours(1).toMillis());

        assertThat(find("one", String.join(":", parts))).contains(JobState.SUCCEEDED);
    }

    @Test
    void after_a_restart_a_job_is_not_taken_for_one_that_succeeded_because_it_is_gone() {
        try (RedisServer server = RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
                RedisBroker other = RedisBroker.connect(server.uri())) {
            Play there = new Play(Script.FIND, other, probe, null);
            String receipt = store(there, NewJob.now("one", Play.BODY, 4));
            Claim claim = there.runningFor(60_000, "t1").get(0);
            there.get(other.complete(there.queue, List.of(Completion.Succeeded.of(claim, null, 0)), null));
            assertThat(there.get(other.lookUp().find(there.queue, "one", false, receipt)))
                    .map(JobSnapshot::state)
                    .contains(JobState.SUCCEEDED);

            server.kill9();
            server.restart();

            assertThat(there.get(other.lookUp().find(there.queue, "one", false, receipt)))
                    .isEmpty();
        }
    }

    @Test
    void that_an_awaited_job_succeeded_is_kept_for_a_minute_and_of_no_other_anything() {
        play.jobs("awaited", "alone", "valued");
        List<Claim> claims = play.runningFor(60_000, "t1");
        play.get(broker.lookUp().find(play.queue, "awaited", true));
        play.get(broker.lookUp().find(play.queue, "valued", true));

        play.get(broker.complete(
                play.queue,
                claims.stream()
                        .map(claim ->
                                Completion.Succeeded.of(claim, claim.id().equals("valued") ? Play.BODY : null, 60_000))
                        .toList(),
                null));

        assertThat(probe.redis().pttl(RedisProbe.key(play.queue, "told:awaited")))
                .isBetween(50_000L, 60_000L);
        assertThat(probe.redis()
                        .exists(RedisProbe.key(play.queue, "told:alone"), RedisProbe.key(play.queue, "told:valued")))
                .isZero();
        probe.checkInvariants(play.queue);
    }
}
