package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.QueueLimits;
import io.tidemill.redis.Scenario.Call;
import io.tidemill.redis.Scenario.Play;
import io.tidemill.redis.script.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What limits of many groups cost, and what a lost job does to its group. */
class ScriptLimitsIT extends ScriptsHarness {

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
}
