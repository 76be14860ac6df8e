package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.Completion;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.redis.Scenario.Call;
import io.tidemill.redis.Scenario.Play;
import io.tidemill.redis.script.Script;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Requests whose reply was lost, and keys whose holder is gone. */
class ScriptRepliesIT extends ScriptsHarness {

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
}
