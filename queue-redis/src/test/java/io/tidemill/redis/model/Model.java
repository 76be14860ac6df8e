package io.tidemill.redis.model;

import io.tidemill.broker.Broker;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.test.FakeClock;
import java.time.Duration;
import java.time.Instant;

/** The specification: the in-memory broker on a clock that is moved by hand. */
final class Model {

    /**
     * When every sequence begins, ms since 1970. Later than any machine's clock, so that no key expires at the server
     * by itself; see {@link Real}.
     */
    static final long START = Instant.parse("2100-01-01T00:00:00Z").toEpochMilli();

    private final FakeClock clock = new FakeClock(Instant.ofEpochMilli(START));
    private final Broker broker = new MemoryBroker(clock);

    Broker broker() {
        return broker;
    }

    long millis() {
        return clock.millis();
    }

    /** Whether the job that has this id now came with constraints. */
    boolean hasConstraints(String id) {
        return broker.lookUp()
                .find(Operation.QUEUE, id, false)
                .join()
                .map(job -> Operation.text(job.body()).endsWith(Operation.Job.FLOWING))
                .orElse(false);
    }

    void advance(long millis) {
        clock.advance(Duration.ofMillis(millis));
    }
}
