package io.tidemill.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemill.time.Alarm;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FakeClockTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final FakeClock clock = new FakeClock();

    @Test
    void time_stands_still_until_it_is_moved() {
        long millis = clock.millis();
        long nanos = clock.nanos();

        assertThat(clock.millis()).isEqualTo(millis);
        clock.advance(Duration.ofMillis(1500));
        assertThat(clock.millis()).isEqualTo(millis + 1500);
        assertThat(clock.nanos()).isEqualTo(nanos + 1_500_000_000L);
    }

    @Test
    void it_starts_where_it_is_told_to() {
        assertThat(new FakeClock(Instant.ofEpochMilli(77)).millis()).isEqualTo(77);
    }

    @Test
    void small_steps_add_up() {
        long millis = clock.millis();
        for (int i = 0; i < 1000; i++) {
            clock.advance(Duration.ofNanos(1_001));
        }
        assertThat(clock.millis()).isEqualTo(millis + 1);
    }

    @Test
    void time_does_not_run_backwards() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> clock.advance(Duration.ofMillis(-1)))
                .withMessageContaining("jump");
    }

    @Test
    void the_wall_clock_may_be_set_back_and_no_time_passes() {
        long millis = clock.millis();
        long nanos = clock.nanos();
        clock.jump(Duration.ofHours(-1));
        assertThat(clock.millis()).isEqualTo(millis - 3_600_000);
        assertThat(clock.nanos()).isEqualTo(nanos);
    }

    @Test
    void a_ring_before_the_wait_is_kept_and_many_count_as_one() throws InterruptedException {
        Alarm alarm = clock.alarm();
        alarm.ring();
        alarm.ring();

        assertThat(alarm.await(Alarm.FOREVER)).isTrue();
        assertThat(alarm.await(0)).isFalse();
    }

    @Test
    void a_wait_of_nothing_only_looks() throws InterruptedException {
        assertThat(clock.alarm().await(0)).isFalse();
        assertThat(clock.alarm().await(-5)).isFalse();
    }

    @Test
    void a_wait_ends_when_the_clock_is_moved_to_its_end_and_not_before() throws Exception {
        CompletableFuture<Boolean> wait = waiting(clock.alarm(), SECOND);
        clock.awaitWaiters(1);

        clock.advance(Duration.ofNanos(SECOND - 1));
        clock.awaitWaiters(1);
        assertThat(wait).isNotDone();

        clock.advance(Duration.ofNanos(1));
        assertThat(wait.get(30, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void a_wait_that_was_computed_before_the_clock_was_moved_ended_too_late() throws Exception {
        Alarm alarm = clock.alarm();
        clock.advance(Duration.ofSeconds(10));

        assertThat(alarm.await(SECOND)).as("its wait was over long ago").isFalse();
        CompletableFuture<Boolean> next = waiting(alarm, SECOND);
        clock.awaitWaiters(1);
        clock.advance(Duration.ofSeconds(1));
        assertThat(next.get(30, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void a_ring_ends_a_wait_for_ever() throws Exception {
        Alarm alarm = clock.alarm();
        CompletableFuture<Boolean> wait = waiting(alarm, Alarm.FOREVER);
        clock.awaitWaiters(1);

        clock.advance(Duration.ofDays(3650));
        clock.awaitWaiters(1);
        alarm.ring();

        assertThat(wait.get(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void a_thread_that_was_let_go_is_no_waiter_any_more() throws Exception {
        List<CompletableFuture<Boolean>> waits = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            waits.add(waiting(clock.alarm(), i * SECOND));
        }
        clock.awaitWaiters(5);

        clock.advance(Duration.ofSeconds(2));

        // Counted at once, not when the threads get to run: so this cannot pass by counting the two that go.
        waits.add(waiting(clock.alarm(), 10 * SECOND));
        clock.awaitWaiters(4);
        clock.advance(Duration.ofSeconds(20));
        for (CompletableFuture<Boolean> wait : waits) {
            assertThat(wait.get(30, TimeUnit.SECONDS)).isFalse();
        }
    }

    @Test
    void an_interrupt_ends_a_wait() throws Exception {
        CompletableFuture<Object> ended = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                ended.complete(clock.alarm().await(Alarm.FOREVER));
            } catch (InterruptedException e) {
                ended.complete("interrupted");
            }
        });
        thread.start();
        clock.awaitWaiters(1);

        thread.interrupt();

        assertThat(ended.get(30, TimeUnit.SECONDS)).isEqualTo("interrupted");
        thread.join();
    }

    private static CompletableFuture<Boolean> waiting(Alarm alarm, long nanos) {
        CompletableFuture<Boolean> result = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                result.complete(alarm.await(nanos));
            } catch (Throwable t) {
                result.completeExceptionally(t);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return result;
    }
}
