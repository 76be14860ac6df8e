package io.tidemill.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.tidemill.TaskQueue;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What observes a job changes nothing of it, whatever it throws. */
class HandlersThatThrowTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    /** Where the handler throws. */
    enum Callback {
        START,
        SCOPE_OPENED,
        SCOPE_CLOSED,
        STOP
    }

    public static final class Tasks {

        private final AtomicInteger runs = new AtomicInteger();

        @Task(retry = @Retry(maxAttempts = 1))
        public String work() {
            runs.incrementAndGet();
            return "done";
        }
    }

    private record Throwing(Callback where) implements ObservationHandler<Observation.Context> {

        @Override
        public void onStart(Observation.Context context) {
            throwAt(Callback.START);
        }

        @Override
        public void onScopeOpened(Observation.Context context) {
            throwAt(Callback.SCOPE_OPENED);
        }

        @Override
        public void onScopeClosed(Observation.Context context) {
            throwAt(Callback.SCOPE_CLOSED);
        }

        @Override
        public void onStop(Observation.Context context) {
            throwAt(Callback.STOP);
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }

        private void throwAt(Callback here) {
            if (here == where) {
                throw new AssertionError("thrown by the handler");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Callback.class)
    void an_error_of_a_handler_neither_keeps_a_job_from_being_stored_nor_runs_it_again(Callback where)
            throws Exception {
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(new Throwing(where));
        Tasks tasks = new Tasks();

        try (TaskQueue queue = TaskQueue.builder()
                .tasks(tasks)
                .install(JobObservations.of(registry))
                .start()) {
            assertThat(queue.enqueue(Tasks::work).await(SOON)).isEqualTo("done");
        }

        assertThat(tasks.runs).hasValue(1);
    }
}
