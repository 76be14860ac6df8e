package io.tidemill.schedule;

import io.tidemill.task.BrokerException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;

/** A world with a broker in memory, in whose time schedules fire. */
abstract class TickerHarness {

    static final Duration MINUTE = Duration.ofMinutes(1);

    final World world = new World();

    @AfterEach
    void close() {
        world.close();
    }

    static CompletableFuture<Object> lost() {
        return CompletableFuture.failedFuture(
                new BrokerException(BrokerException.Outcome.UNKNOWN, "the reply was lost", null));
    }

    static List<String> names(List<Schedule> schedules) {
        return schedules.stream().map(Schedule::name).toList();
    }
}
