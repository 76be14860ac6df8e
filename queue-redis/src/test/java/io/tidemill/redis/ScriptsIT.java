package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.SetArgs;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.redis.Scenario.Call;
import io.tidemill.redis.Scenario.Play;
import io.tidemill.redis.script.Script;
import io.tidemill.task.Unique;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What holds for every script: it can be sent again, come late, be refused at any key, and meet a full Redis. Long,
 * because what holds for each is said of all in one place.
 */
class ScriptsIT extends ScriptsHarness {

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
            names = {"EXTEND", "REGISTER", "STOP"},
            mode = EnumSource.Mode.EXCLUDE)
    void a_repeated_call_changes_nothing_more(Scenario scenario) {
        Play play = play(scenario);
        Call call = scenario.prepare(play);
        List<Object> first = play.send(call);
        Map<String, String> after = probe.contents(play.queue);

        List<Object> second = play.send(call);

        assertThat(probe.contents(play.queue)).isEqualTo(after);
        boolean claims = (scenario.script() == Script.COMPLETE && scenario != Scenario.COMPLETE_ONLY)
                || scenario == Scenario.FOLLOW_AND_CLAIM;
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

    @Test
    void a_completion_of_a_step_claims_what_is_ready_and_behind_it_what_follows() {
        Play play = play(Scenario.FOLLOW_AND_CLAIM);
        Call call = Scenario.FOLLOW_AND_CLAIM.prepare(play);

        assertThat(play.send(call)).containsSubsequence("OK", "", "-1", "before", "next", "waits");
        probe.checkInvariants(play.queue);
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

    /** An ordinary build tries one in twelve of the keys, others in each scenario than in the one before. */
    @ParameterizedTest
    @EnumSource(Scenario.class)
    @Tag(Thorough.TAG)
    void a_key_of_the_wrong_type_refuses_the_whole_call(Scenario scenario) {
        Script script = scenario.script();
        int oneIn = Thorough.size(12, 1);
        for (int i = scenario.ordinal() % oneIn; i < script.keys().size(); i += oneIn) {
            String name = script.keys().get(i);
            if (ToleratedKeys.of(scenario).contains(name)) {
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
    void a_full_redis_refuses_only_what_stores_jobs_schedules_and_counts(Scenario scenario) {
        Play play = play(scenario);
        Call call = scenario.prepare(play);
        Map<String, String> before = probe.contents(play.queue);
        probe.redis().configSet("maxmemory", "1");

        boolean stores = Set.of(Script.ENQUEUE, Script.STORE, Script.SCHEDULE, Script.ADD)
                .contains(scenario.script());
        // A record that is there is replaced: a workflow is cancelled, has failed, or is tried again.
        if (stores && scenario != Scenario.STORE_RECORD) {
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
                    untried.removeIf(key -> !ToleratedKeys.of(scenario).contains(key));
                }
            }
        }

        // The scripts only ask whether these exist, look at them for jobs without a record, or take their names for a
        // beginning.
        assertThat(untried)
                .isEqualTo(
                        switch (script) {
                            case ENQUEUE -> Set.of("job..", "limits", "lease");
                            case STORE -> Set.of("job..");
                            case FOLLOW -> Set.of("dropped", "lease");
                            case CANCEL -> Set.of("result");
                            case FIND -> Set.of("kept");
                            case INSPECT -> Set.of("kept", "paused");
                            case REGISTER, WORKERS, ADD, SCAN -> Set.of("leases");
                            case QUEUES -> Set.of("queues");
                            case PLANNED -> Set.of("planned");
                            default -> Set.of();
                        });
    }

    /** Calls that only look, at a queue with something everywhere. */
    private static final Map<Script, List<List<String>>> READS = Map.ofEntries(
            Map.entry(Script.COUNTS, List.of(List.of("0"))),
            Map.entry(
                    Script.LIST,
                    List.of(
                            List.of("0", "READY", "0", "10"),
                            List.of("0", "SCHEDULED", "0", "10"),
                            List.of("0", "WAITING", "0", "10"),
                            List.of("0", "ACTIVE", "0", "10"),
                            List.of("0", "DEAD", "0", "10"),
                            List.of("0", "SUCCEEDED", "0", "10"))),
            Map.entry(Script.SCAN, List.of(List.of("0", "0", "", "1000"))),
            Map.entry(Script.INSPECT, List.of(List.of("0", "a2"))),
            Map.entry(Script.LEASES, List.of(List.of("0", "10"))),
            Map.entry(Script.WORKERS, List.of(List.of("0"))),
            Map.entry(Script.CHECK, List.of(List.of("0", "a2"))),
            Map.entry(Script.LIMITS, List.of(List.of("0"))),
            Map.entry(Script.SCHEDULES, List.of(List.of("0", "0", "10"), List.of("0", "0", "0", "one", "two"))),
            Map.entry(Script.SURVEY, List.of(List.of("0"))),
            Map.entry(Script.PLACES, List.of(List.of("0", "0", "10"))),
            Map.entry(Script.OUTBOX, List.of(List.of("0", "10"))),
            Map.entry(Script.HISTORY, List.of(List.of("0", "m"), List.of("0", "h"))),
            Map.entry(Script.PROGRESS, List.of(List.of("0"))),
            Map.entry(Script.ANSWER, List.of(List.of("0"))));

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
}
