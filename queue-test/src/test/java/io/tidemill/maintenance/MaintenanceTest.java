package io.tidemill.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.RecoverReply;
import io.tidemill.event.Events;
import io.tidemill.test.FakeClock;
import io.tidemill.test.OutageBroker;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MaintenanceTest {

    private static final Duration LEASE = Duration.ofSeconds(30);

    private final FakeClock clock = new FakeClock();
    private final OutageBroker broker = new OutageBroker();
    private final Maintenance maintenance =
            new Maintenance(broker, Set.of("q"), LEASE, 3, new Events(List.of()), clock, Runnable::run);

    @AfterEach
    void stop() {
        maintenance.stop();
    }

    private void letSweep() {
        clock.awaitWaiters(1);
        clock.advance(Duration.ofSeconds(3));
        clock.awaitWaiters(1);
    }

    @Test
    void an_outage_longer_than_the_lease_is_not_taken_for_the_death_of_every_worker() {
        maintenance.start();
        letSweep();
        Waits.until("it sweeps", () -> broker.recovers() > 0);

        broker.goAway();
        for (int i = 0; i < 20; i++) {
            letSweep();
        }
        int before = broker.recovers();
        broker.comeBack();
        letSweep();
        letSweep();
        assertThat(broker.recovers()).as("holders extend first").isEqualTo(before);

        for (int i = 0; i < 4; i++) {
            letSweep();
        }
        assertThat(broker.recovers()).isGreaterThan(before);
    }

    @Test
    void what_one_call_leaves_behind_is_recovered_in_the_same_sweep() {
        broker.recoverNext(new RecoverReply(List.of("a"), List.of()), new RecoverReply(List.of(), List.of("b")));
        maintenance.start();
        clock.awaitWaiters(1);
        assertThat(broker.recovers()).isEqualTo(3);
    }
}
