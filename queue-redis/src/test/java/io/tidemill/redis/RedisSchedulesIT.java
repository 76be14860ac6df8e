package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.DueSchedules;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.conformance.fault.Fault;
import io.tidemill.conformance.fault.FaultProxy;
import io.tidemill.redis.Scenario.Play;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptNames;
import io.tidemill.redis.script.ScriptTexts;
import io.tidemill.test.Waits;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the Redis broker does with schedules beside what the contract asks of every broker. */
class RedisSchedulesIT extends ScriptsHarness {

    private static final String PLANNED = "tm:planned";
    private static final long HOUR = 3_600_000;

    private final Play play = new Play(Script.TAKE, broker, probe, connection);

    @Test
    void a_queue_that_has_no_schedules_any_more_is_forgotten_and_one_that_has_some_stays() {
        Play other = new Play(Script.TAKE, broker, probe, connection);
        play.schedule("s", "r1", 1);
        other.schedule("s", "r1", 1);
        play.get(broker.schedules().remove(other.queue, "s", "r1"));
        assertThat(play.get(broker.schedules().queues())).contains(play.queue, other.queue);
        double old = probe.millis() - 2 * HOUR;
        probe.redis().zadd(PLANNED, old, play.queue);
        probe.redis().zadd(PLANNED, old, other.queue);

        play.get(broker.schedules().queues());

        Waits.until("one is forgotten", () -> probe.redis().zscore(PLANNED, other.queue) == null);
        Waits.until("the other is noted again", () -> probe.redis().zscore(PLANNED, play.queue) > old);
        assertThat(play.get(broker.schedules().queues())).contains(play.queue).doesNotContain(other.queue);
    }

    /** Somebody found no schedules in it, and somebody else is about to write one. */
    @Test
    void a_queue_that_was_noted_within_the_hour_is_not_forgotten() {
        play.schedule("s", "r1", 1);
        probe.redis().zadd(PLANNED, probe.millis() - HOUR + 60_000, play.queue);

        play.get(ScriptTexts.run(
                        connection,
                        Script.PLANNED,
                        Play.bytes(List.of(PLANNED)),
                        Play.bytes(List.of("0", play.queue, "0", "", "", "")))
                .toCompletableFuture());

        assertThat(probe.redis().zscore(PLANNED, play.queue)).isNotNull();
    }

    /** More than one page, and more than one page of the same time. */
    @Test
    void all_queues_with_schedules_are_listed_however_many_there_are() {
        long now = probe.millis();
        String[] names = IntStream.range(0, 3_100).mapToObj(i -> "paged-" + i).toArray(String[]::new);
        Object[] timesAndNames = IntStream.range(0, names.length)
                .boxed()
                .flatMap(i -> Stream.of((double) (now + Math.max(0, i - 2_200)), names[i]))
                .toArray();
        probe.redis().zadd(PLANNED, timesAndNames);

        Set<String> listed = play.get(broker.schedules().queues());
        probe.redis().zrem(PLANNED, names);

        assertThat(listed).contains(names);
    }

    /** The page before ended among those of one time. */
    @Test
    void a_queue_was_left_out_when_another_of_its_time_was_noted_between_two_pages() throws Exception {
        long now = probe.millis();
        String[] names =
                IntStream.range(0, 1_500).mapToObj(i -> "turned-" + (1_000 + i)).toArray(String[]::new);
        Object[] timesAndNames = IntStream.range(0, names.length)
                .boxed()
                .flatMap(i -> Stream.of(now - 10_000 + Math.min(i, 900) + Math.max(0, i - 1_100.0), names[i]))
                .toArray();
        AtomicInteger pages = new AtomicInteger();
        try (FaultProxy proxy = FaultProxy.to(server.port(), ScriptNames.byDigest());
                RedisBroker behind = RedisBroker.connect(proxy.uri())) {
            behind.open();
            // The first request of a script may be sent twice: the server did not know it.
            assertThat(play.get(behind.schedules().queues())).isEmpty();
            probe.redis().zadd(PLANNED, timesAndNames);
            proxy.plan(script -> {
                if (script.equals("planned") && pages.incrementAndGet() == 2) {
                    probe.redis().zadd(PLANNED, (double) now, names[900]);
                }
                return Fault.NONE;
            });

            Set<String> listed = play.get(behind.schedules().queues());

            assertThat(pages).hasValueGreaterThanOrEqualTo(2);
            assertThat(listed).contains(names);
        }
    }

    @Test
    void a_schedule_that_cannot_be_read_holds_up_no_other_and_is_replaced_like_one_that_is_not_there() {
        for (String name : List.of("first", "second", "third")) {
            play.schedule(name, "r1", 1);
        }
        probe.redis().hset(RedisProbe.key(play.queue, "plans"), "first", "no plan");
        probe.redis().hset(RedisProbe.key(play.queue, "plans"), "second", "");

        DueSchedules due = play.get(broker.schedules().take(play.queue, 10, 60_000));

        assertThat(due.schedules()).extracting(StoredSchedule::name).containsExactly("third");
        assertThat(play.get(broker.schedules().list(play.queue, 0, 10)))
                .extracting(StoredSchedule::name)
                .containsExactly("third");
        assertThat(play.get(broker.schedules().find(play.queue, "first"))).isEmpty();
        assertThat(probe.redis().hget(RedisProbe.key(play.queue, "plans"), "first"))
                .as("nobody has changed it")
                .isEqualTo("no plan");
        play.schedule("first", "r2", 1);
        assertThat(play.get(broker.schedules().find(play.queue, "first"))
                        .orElseThrow()
                        .revision())
                .isEqualTo("r2");
        assertThat(play.get(broker.schedules().remove(play.queue, "second", "any")))
                .isTrue();
        assertThat(probe.schedules(play.queue)).containsExactly("first", "third");
    }

    @Test
    void schedules_that_are_written_at_once_are_all_written_and_each_hears_of_its_own() {
        play.schedule("s7", "r1", 1);
        List<CompletableFuture<Boolean>> writes = IntStream.range(0, 1_000)
                .mapToObj(i -> broker.schedules()
                        .write(play.queue, Optional.empty(), new StoredSchedule("s" + i, "r0", i, Play.BODY)))
                .toList();

        List<Boolean> written = writes.stream().map(play::get).toList();

        assertThat(IntStream.range(0, 1_000).filter(i -> !written.get(i))).containsExactly(7);
        assertThat(play.get(broker.schedules().count(play.queue))).isEqualTo(1_000);
        probe.checkInvariants(play.queue);
    }
}
