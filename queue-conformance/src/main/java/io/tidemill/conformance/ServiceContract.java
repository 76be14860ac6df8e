package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.lifecycle.Service;
import io.tidemill.text.JobIds;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Service} does: start and stop in any number and order, from any thread, and leave nothing behind.
 * Extend it, make the service, and run it with JUnit.
 */
public abstract class ServiceContract {

    private static final int STORMS = 300;

    private final String name = "contract-" + JobIds.randomDigits(12) + "-";

    /**
     * A service that has not been started.
     *
     * @param threadPrefix what the names of all its threads must begin with; how the contract finds those left behind
     */
    protected abstract Service newService(String threadPrefix);

    @AfterEach
    final void nothingIsLeftBehind() {
        assertThat(threads(name)).as("threads left behind").isEmpty();
    }

    @Test
    void it_starts_and_stops() {
        Service service = newService(name);

        service.start();
        service.stop();

        assertThat(threads(name)).isEmpty();
    }

    @Test
    void starting_twice_is_starting_once() {
        Service service = newService(name);
        service.start();
        List<String> threads = threads(name);

        service.start();

        assertThat(threads(name)).hasSizeLessThanOrEqualTo(threads.size());
        service.stop();
    }

    @Test
    void stopping_twice_is_stopping_once() {
        Service service = newService(name);
        service.start();

        service.stop();
        service.stop();

        assertThat(threads(name)).isEmpty();
    }

    @Test
    void stopping_what_was_never_started_does_nothing() {
        newService(name).stop();
    }

    @Test
    void a_stopped_service_stays_stopped() {
        Service started = newService(name);
        started.start();
        started.stop();
        Service never = newService(name);
        never.stop();

        started.start();
        never.start();

        assertThat(threads(name)).isEmpty();
    }

    @Test
    void an_interrupted_thread_may_stop_it_and_stays_interrupted() {
        Service service = newService(name);
        service.start();

        Thread.currentThread().interrupt();
        service.stop();

        assertThat(Thread.interrupted()).as("still interrupted").isTrue();
        assertThat(threads(name)).isEmpty();
    }

    @Test
    void whoever_stops_it_in_a_storm_of_starts_and_stops_finds_it_stopped() {
        for (int storm = 0; storm < STORMS; storm++) {
            String prefix = name + storm + "-";
            Service service = newService(prefix);
            AtomicInteger turn = new AtomicInteger();

            List<List<String>> leftBehind = BrokerHarness.together(4, () -> {
                if (turn.getAndIncrement() % 2 == 0) {
                    service.start();
                    return List.of();
                }
                service.stop();
                return threads(prefix);
            });

            assertThat(leftBehind).as("threads that run when stop returns").containsOnly(List.of());
        }
    }

    private static List<String> threads(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(each -> each.startsWith(prefix))
                .toList();
    }
}
