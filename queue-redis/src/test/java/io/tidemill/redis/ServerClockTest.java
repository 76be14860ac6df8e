package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.test.FakeClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ServerClockTest {

    private static final long NOON = 1_800_000_000_000L;

    private final FakeClock ours = new FakeClock();
    private final ServerClock clock = new ServerClock(ours);
    private long server = NOON;

    @Test
    void a_clock_is_not_set_because_an_answer_took_its_time() {
        answer(0, 0);
        long lead = clock.lead();

        answer(0, 5_000);
        assertThat(clock.lead()).isEqualTo(lead);
        answer(5_000, 0);
        assertThat(clock.lead()).isEqualTo(lead);
        answer(0, 0);
        assertThat(clock.lead()).isEqualTo(lead);
    }

    @Test
    void a_clock_that_is_set_ahead_or_back_is_seen_with_the_next_answer() {
        answer(0, 0);
        long lead = clock.lead();

        server += 60_000;
        answer(1, 1);
        assertThat(clock.lead()).isBetween(lead + 59_998, lead + 60_000);
        server -= 60_000;
        answer(1, 1);
        assertThat(clock.lead()).isBetween(lead, lead + 2);
    }

    @Test
    void a_first_answer_that_came_late_is_made_up_for_by_the_next() {
        answer(0, 5_000);
        answer(0, 1);

        assertThat(clock.in(0)).isEqualTo(server - 1);
    }

    /** An answer that was so long on its way there and back, in ms. */
    private void answer(long there, long back) {
        long sent = ours.nanos();
        pass(there);
        long said = server;
        pass(back);
        clock.sawMillis(said, sent);
    }

    private void pass(long millis) {
        ours.advance(Duration.ofMillis(millis));
        server += millis;
    }
}
