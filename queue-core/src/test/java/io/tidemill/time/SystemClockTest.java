package io.tidemill.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SystemClockTest {

    private final Clock clock = Clock.system();
    private final Alarm alarm = clock.alarm();

    @Test
    void it_tells_the_machines_time() {
        assertThat(clock.millis()).isBetween(1_700_000_000_000L, 7_000_000_000_000L);
        long before = clock.nanos();
        assertThat(clock.nanos()).isGreaterThanOrEqualTo(before);
    }

    @Test
    void a_ring_before_the_wait_is_kept_and_many_count_as_one() throws InterruptedException {
        for (int i = 0; i < 10; i++) {
            alarm.ring();
        }
        assertThat(alarm.await(Alarm.FOREVER)).isTrue();
        assertThat(alarm.await(0)).isFalse();
    }

    @Test
    void a_wait_ends_when_its_time_is_over() throws InterruptedException {
        long start = clock.nanos();
        assertThat(alarm.await(2_000_000)).isFalse();
        assertThat(clock.nanos() - start).isGreaterThanOrEqualTo(2_000_000);
        assertThat(alarm.await(-1)).isFalse();
        assertThat(alarm.await(Long.MIN_VALUE)).isFalse();
    }

    @Test
    void a_ring_from_another_thread_ends_a_wait_for_ever() throws Exception {
        CompletableFuture<Boolean> rang = CompletableFuture.supplyAsync(() -> {
            try {
                return alarm.await(Alarm.FOREVER);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        alarm.ring();
        assertThat(rang.get(30, TimeUnit.SECONDS)).isTrue();
    }
}
