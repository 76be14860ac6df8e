package io.tidemill.schedule;

import static io.tidemill.schedule.World.every;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Broker;
import io.tidemill.client.Call;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the watch over schedules finds, round by round. */
class OverdueWatchTest extends TickerHarness {

    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    private final AtomicInteger fine = new AtomicInteger();
    private final OverdueWatch watch = new OverdueWatch(new ScheduleAccess(world.eye), fine::incrementAndGet);

    @Test
    void what_was_due_while_all_processes_were_stopped_was_overdue_for_a_minute_after_the_start() {
        World.Process process = world.process();
        process.schedules.put(every("s", MINUTE));
        world.clock.advance(Duration.ofHours(10));

        assertThat(watch.round()).as("it looks again soon").isEqualTo(TEN_SECONDS);
        assertThat(watch.overdue()).isEmpty();
        assertThat(fine).as("that none is, is not known yet").hasValue(0);
        process.ticker.round();
        world.advance(TEN_SECONDS, process);

        assertThat(watch.round()).isEqualTo(MINUTE);
        assertThat(watch.overdue()).isEmpty();
        assertThat(fine).hasValue(1);
    }

    @Test
    void what_nobody_fires_is_overdue_at_the_second_look_and_until_somebody_does() {
        World.Process process = world.process();
        process.schedules.put(every("s", MINUTE));
        process.schedules.put(every("later", Duration.ofDays(1)));
        world.clock.advance(Duration.ofMinutes(3));

        assertThat(watch.round()).isEqualTo(TEN_SECONDS);
        assertThat(watch.round()).isEqualTo(MINUTE);
        assertThat(watch.overdue()).extracting(ScheduleInfo::name).containsExactly("s");
        assertThat(fine).hasValue(0);

        process.ticker.round();
        assertThat(watch.round()).isEqualTo(MINUTE);
        assertThat(watch.overdue()).isEmpty();
        assertThat(fine).hasValue(1);
    }

    @Test
    void a_queue_that_could_not_be_read_hid_what_is_overdue_in_the_others() {
        World.Process process = world.process();
        for (String queue : new String[] {"a", "b", "c"}) {
            process.schedules.put(
                    every("s-" + queue, MINUTE).withCall(Call.named("report").queue(queue)));
        }
        Broker broker = World.through(
                (method, request) ->
                        method.equals("list") && request.arguments()[0].equals("b") ? lost() : request.send(),
                Broker.class,
                world.eye);
        OverdueWatch half = new OverdueWatch(new ScheduleAccess(broker), fine::incrementAndGet);
        half.round();
        assertThat(fine).as("of one queue it is not known").hasValue(0);
        world.clock.advance(Duration.ofMinutes(3));

        half.round();
        half.round();

        assertThat(half.overdue()).extracting(ScheduleInfo::name).containsExactly("s-a", "s-c");
    }
}
