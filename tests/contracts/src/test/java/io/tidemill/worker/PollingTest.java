package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Subscription;
import io.tidemill.conformance.DelegatingBroker;
import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import io.tidemill.message.JsonPayloadCodec;
import io.tidemill.observe.Observers;
import io.tidemill.record.Payloads;
import io.tidemill.task.JobState;
import io.tidemill.worker.GatedBroker.Hop;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * When an idle worker looks for jobs by itself: when one is due, and otherwise once per poll, which is a minute here.
 */
class PollingTest {

    private final WorkerHarness engine = new WorkerHarness();

    @AfterEach
    void close() {
        engine.close();
    }

    private void enqueueAfter(String id, Duration delay) {
        NewJob job = WorkerHarness.job(id, "run").after(delay.toMillis());
        engine.memory.enqueue(WorkerHarness.QUEUE, List.of(job)).join();
    }

    @Test
    void a_delayed_job_starts_when_it_is_due_and_neither_before_nor_at_the_next_poll() throws Exception {
        engine.started(1);
        enqueueAfter("job", Duration.ofSeconds(5));

        engine.advance(Duration.ofMillis(4_999));
        assertThat(engine.find("job").state()).isEqualTo(JobState.SCHEDULED);
        engine.advance(Duration.ofMillis(1));

        engine.events.await(QueueEvent.Succeeded.class, 1);
    }

    @Test
    void a_job_with_a_short_delay_does_not_wait_for_one_with_a_long_delay_that_came_before() throws Exception {
        engine.started(1);
        enqueueAfter("long", Duration.ofSeconds(50));
        engine.settle();
        enqueueAfter("short", Duration.ofSeconds(1));

        engine.advance(Duration.ofSeconds(1));

        assertThat(engine.events.await(QueueEvent.Succeeded.class, 1))
                .extracting(JobEvent::jobId)
                .containsExactly("short");
    }

    @Test
    void an_idle_worker_looks_once_per_poll() {
        engine.started(10);
        engine.broker.forget();

        for (int second = 0; second < 600; second++) {
            engine.advance(Duration.ofSeconds(1));
        }

        assertThat(engine.broker.count(Hop.CLAIM)).isEqualTo(10);
    }

    @Test
    void a_job_that_nobody_told_of_is_found_by_the_poll() throws Exception {
        try (WorkerHarness deaf = new WorkerHarness()) {
            DelegatingBroker silent = new DelegatingBroker(deaf.broker) {
                @Override
                public Subscription listen(String worker, Set<String> queues, BrokerListener listener) {
                    return () -> {};
                }
            };
            Worker worker = new Worker(
                    silent,
                    WorkerHarness.bindings(deaf.new Tasks()),
                    deaf.options(1),
                    new Payloads(new JsonPayloadCodec(), null),
                    null,
                    new Observers(List.of(deaf.events), List.of(), deaf.clock),
                    List.of(),
                    deaf.clock,
                    deaf.executor);
            worker.start();
            deaf.settle();
            deaf.enqueue("job");
            deaf.settle();
            assertThat(deaf.find("job").state()).isEqualTo(JobState.READY);

            deaf.advance(Duration.ofMinutes(1));

            deaf.events.await(QueueEvent.Succeeded.class, 1);
            WorkerHarness.awaitFree(worker);
            WorkerHarness.stopping(worker).join();
        }
    }
}
