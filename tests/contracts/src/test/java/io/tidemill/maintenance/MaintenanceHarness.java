package io.tidemill.maintenance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Broker;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.NewJob;
import io.tidemill.conformance.DelegatingBroker;
import io.tidemill.conformance.OutageBroker;
import io.tidemill.event.Probe;
import io.tidemill.observe.Observers;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.task.Retention;
import io.tidemill.test.FakeClock;
import io.tidemill.test.Waits;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;

/** Maintenance of a broker in memory, on a clock that the test moves. */
abstract class MaintenanceHarness {

    static final Duration LEASE = Duration.ofSeconds(30);

    final FakeClock clock = new FakeClock();

    final OutageBroker broker = new OutageBroker();

    final Maintenance maintenance = new Maintenance(
            broker,
            Set.of("q"),
            LEASE,
            3,
            new Trimmer(broker, clock, Set.of("q"), Retention.DEFAULT, Map.of()),
            queue -> {},
            new Observers(List.of(), List.of(), clock),
            clock,
            Runnable::run);

    @AfterEach
    void stop() {
        maintenance.stop();
    }

    void letSweep() {
        clock.awaitWaiters(1);
        clock.advance(Duration.ofSeconds(3));
        clock.awaitWaiters(1);
    }

    static void letSweep(FakeClock clock, AtomicInteger surveys, Duration time) {
        clock.awaitWaiters(1);
        int before = surveys.get();
        clock.advance(time);
        Waits.until("it has swept", () -> surveys.get() > before);
        clock.awaitWaiters(1);
    }

    static Maintenance maintenance(DelegatingBroker broker, Clock clock) {
        return maintenance(broker, clock, List.of());
    }

    static Maintenance maintenance(Broker broker, Clock clock, List<Probe> probes) {
        return new Maintenance(
                broker,
                Set.of("q"),
                LEASE,
                3,
                new Trimmer(broker, clock, Set.of("q"), Retention.DEFAULT, Map.of()),
                queue -> {},
                new Observers(List.of(), probes, clock),
                clock,
                Runnable::run);
    }

    /** A worker takes one job and is never heard of again. */
    static void claimAndLeave(Broker store, FakeClock time, String token) {
        assertThat(store.claim("q", new ClaimRequest("gone", token, 1, 1000))
                        .join()
                        .claims())
                .hasSize(1);
        time.advance(Duration.ofSeconds(2));
    }

    static NewJob job(String id) {
        return NewJob.now(id, JobCodec.encode(new Job("send_email", "[]".getBytes(UTF_8), 0, null, null, Map.of())), 4);
    }
}
