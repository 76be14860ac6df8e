package io.tidemill.metrics;

import static io.tidemill.client.Call.call;
import static io.tidemill.client.Call.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import io.micrometer.observation.transport.SenderContext;
import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.client.BulkException;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.JobOptions;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskSignal;
import io.tidemill.test.Recorder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is observed of calls and runs, without a tracer. */
class JobObservationsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final TestObservationRegistry registry = TestObservationRegistry.create();
    private final Recorder events = new Recorder();

    /** Tasks that end in every way. */
    public static final class Tasks {

        private final CompletableFuture<TaskContext> begun = new CompletableFuture<>();
        private final CompletableFuture<String> stage = new CompletableFuture<>();

        @Task(name = "send", queue = "mail")
        public Map<String, String> send() {
            return TaskContext.current().headers();
        }

        @Task(name = "fail", queue = "mail", retry = @Retry(maxAttempts = 2, delay = "1ms"))
        public void fail() throws IOException {
            throw new IOException("no route");
        }

        @Task(name = "giveUp", queue = "mail")
        public void giveUp() {
            throw new TaskSignal.GiveUp(new IOException("no such address"));
        }

        @Task(name = "snooze", queue = "mail")
        public void snooze() {
            throw new TaskSignal.Snooze(Duration.ofHours(1));
        }

        @Task(name = "cancel", queue = "mail")
        public void cancel() {
            throw new TaskSignal.Cancel("withdrawn");
        }

        @Task(name = "later", queue = "mail", retry = @Retry(maxAttempts = 1))
        public CompletionStage<String> later() {
            begun.complete(TaskContext.current());
            return stage;
        }

        @Task(name = "block", queue = "mail")
        public void block() throws InterruptedException {
            new CountDownLatch(1).await(20, TimeUnit.SECONDS);
        }
    }

    private TaskQueueBuilder builder() {
        return TaskQueue.builder().tasks(new Tasks()).listener(events).install(JobObservations.of(registry));
    }

    @Test
    void a_call_and_its_run_are_observed() throws Exception {
        String id;
        try (TaskQueue queue = builder().start()) {
            id = queue.enqueue(Tasks::send).id();
            events.await(QueueEvent.Succeeded.class, 1);
        }

        TestObservationRegistryAssert.assertThat(registry)
                .hasObservationWithNameEqualTo("tidemill.enqueue")
                .that()
                .hasContextualNameEqualTo("enqueue send")
                .hasLowCardinalityKeyValue("messaging.system", "tidemill")
                .hasLowCardinalityKeyValue("messaging.operation.name", "enqueue")
                .hasLowCardinalityKeyValue("messaging.operation.type", "create")
                .hasLowCardinalityKeyValue("tidemill.queue", "mail")
                .hasLowCardinalityKeyValue("tidemill.task", "send")
                .hasHighCardinalityKeyValue("messaging.destination.name", "mail")
                .hasHighCardinalityKeyValue("messaging.message.id", id)
                .hasBeenStopped();
        TestObservationRegistryAssert.assertThat(registry)
                .hasObservationWithNameEqualTo("tidemill.run")
                .that()
                .hasContextualNameEqualTo("run send")
                .hasLowCardinalityKeyValue("messaging.operation.name", "run")
                .hasLowCardinalityKeyValue("messaging.operation.type", "process")
                .hasLowCardinalityKeyValue("tidemill.outcome", "succeeded")
                .hasHighCardinalityKeyValue("messaging.message.id", id)
                .hasHighCardinalityKeyValue("tidemill.attempt", "1")
                .doesNotHaveError()
                .hasBeenStopped();
        assertThat(contexts()).hasSize(2);
    }

    @Test
    void each_run_of_a_job_that_fails_is_observed_with_its_error() throws Exception {
        try (TaskQueue queue = builder().start()) {
            queue.enqueue(Tasks::fail);
            events.await(QueueEvent.Died.class, 1);
        }

        List<Observation.Context> runs = runs();
        assertThat(runs).hasSize(2).allSatisfy(run -> {
            assertThat(run.getError()).isInstanceOf(IOException.class).hasMessage("no route");
            assertThat(run.getLowCardinalityKeyValue("tidemill.outcome").getValue())
                    .isEqualTo("failed");
        });
        assertThat(runs.stream()
                        .map(run -> run.getHighCardinalityKeyValue("tidemill.attempt"))
                        .map(KeyValue::getValue))
                .containsExactly("1", "2");
    }

    @Test
    void the_observation_of_an_async_task_ends_with_its_stage() throws Exception {
        Tasks tasks = new Tasks();
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(tasks)
                .listener(events)
                .install(JobObservations.of(registry))
                .start()) {
            queue.enqueue(Tasks::later);
            tasks.begun.get(20, TimeUnit.SECONDS);
            tasks.stage.completeExceptionally(new CompletionException(new IOException("no route")));
            events.await(QueueEvent.Died.class, 1);
        }

        assertThat(runs().get(0).getError()).isInstanceOf(IOException.class).hasMessage("no route");
        assertThat(outcomes()).containsExactly("failed");
    }

    @Test
    void the_error_of_a_signal_is_its_cause() throws Exception {
        try (TaskQueue queue = builder().start()) {
            queue.enqueue(Tasks::giveUp);
            events.await(QueueEvent.Died.class, 1);
        }

        assertThat(runs().get(0).getError()).isInstanceOf(IOException.class).hasMessage("no such address");
    }

    @Test
    void a_pause_and_an_end_that_were_asked_for_are_no_errors() throws Exception {
        try (TaskQueue queue = builder().start()) {
            queue.enqueue(Tasks::snooze);
            events.await(QueueEvent.Released.class, 1);
            queue.enqueue(Tasks::cancel);
            events.await(QueueEvent.Cancelled.class, 1);
            var blocked = queue.enqueue(Tasks::block);
            events.await(QueueEvent.Started.class, 3);
            blocked.cancel();
            events.await(QueueEvent.Cancelled.class, 2);
        }

        assertThat(runs())
                .hasSize(3)
                .allSatisfy(run -> assertThat(run.getError()).isNull());
        assertThat(outcomes()).containsExactly("snoozed", "cancelled", "cancelled");
    }

    @Test
    void a_bulk_has_one_observation_for_all_of_its_calls() throws Exception {
        try (TaskQueue queue = builder().start()) {
            queue.enqueueAll(List.of(call(Tasks::send), call(Tasks::send), call(Tasks::send)));
            queue.enqueueAll(List.of(call(Tasks::send), named("send").queue("elsewhere")));
            events.await(QueueEvent.Succeeded.class, 4);
        }

        TestObservationRegistryAssert.assertThat(registry)
                .doesNotHaveAnyRemainingCurrentObservation()
                .hasNumberOfObservationsWithNameEqualTo("tidemill.enqueue", 0)
                .hasNumberOfObservationsWithNameEqualTo("tidemill.enqueue.bulk", 2)
                .hasNumberOfObservationsWithNameEqualTo("tidemill.run", 4);
        assertThat(bulks().stream().map(bulk -> bulk.queueTag() + " " + bulk.taskTag() + " " + bulk.size()))
                .containsExactly("mail send 3", "several send 2");
    }

    @Test
    void a_bulk_that_fails_has_its_error() {
        try (TaskQueue queue = builder().start()) {
            assertThatThrownBy(() -> queue.enqueueAll(List.of(call(Tasks::send), named("sned"))))
                    .isInstanceOf(BulkException.class);
        }

        assertThat(bulks())
                .singleElement()
                .satisfies(bulk -> assertThat(bulk.getError()).isInstanceOf(BulkException.class));
    }

    private List<BulkContext> bulks() {
        return contexts().stream()
                .filter(BulkContext.class::isInstance)
                .map(BulkContext.class::cast)
                .toList();
    }

    @Test
    void names_that_do_not_stand_in_the_code_are_others_where_values_are_few() {
        try (TaskQueue queue =
                TaskQueue.builder().install(JobObservations.of(registry)).start()) {
            IntStream.range(0, 50).forEach(i -> queue.enqueue(named("task-" + i).queue("tenant-" + i)));
        }

        assertThat(contexts()).hasSize(50);
        assertThat(contexts().stream()
                        .map(Observation.Context::getLowCardinalityKeyValues)
                        .collect(Collectors.toSet()))
                .as("different sets of low cardinality")
                .hasSize(1);
        TestObservationRegistryAssert.assertThat(registry)
                .hasAnObservationWithAKeyValue("tidemill.task", "other")
                .hasAnObservationWithAKeyValue("messaging.destination.name", "tenant-7");
    }

    @Test
    void what_is_observed_may_be_named_otherwise() throws Exception {
        JobObservations observations = JobObservations.of(registry)
                .withEnqueueConvention(new DefaultEnqueueConvention() {
                    @Override
                    public String getContextualName(EnqueueContext context) {
                        return "publish " + context.queueTag();
                    }
                })
                .withRunConvention(new DefaultRunConvention() {
                    @Override
                    public String getName() {
                        return "jobs";
                    }

                    @Override
                    public KeyValues getLowCardinalityKeyValues(RunContext context) {
                        return super.getLowCardinalityKeyValues(context).and("region", "eu");
                    }
                });
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(new Tasks())
                .listener(events)
                .install(observations)
                .start()) {
            queue.enqueue(Tasks::send);
            events.await(QueueEvent.Succeeded.class, 1);
        }

        TestObservationRegistryAssert.assertThat(registry)
                .hasObservationWithNameEqualTo("tidemill.enqueue")
                .that()
                .hasContextualNameEqualTo("publish mail");
        TestObservationRegistryAssert.assertThat(registry)
                .hasObservationWithNameEqualTo("jobs")
                .that()
                .hasLowCardinalityKeyValue("region", "eu")
                .hasLowCardinalityKeyValue("tidemill.outcome", "succeeded");
    }

    @Test
    void a_field_that_is_no_header_does_not_keep_a_job_from_being_stored() throws Exception {
        registry.observationConfig()
                .observationHandler(new Fields(Map.of(
                        "traceparent", "00-1-2-01",
                        "tracestate", "x".repeat(JobOptions.MAX_HEADER_VALUE + 1),
                        "not a name", "y")));
        try (TaskQueue queue = builder().start()) {
            assertThat(queue.enqueue(Tasks::send).await(PATIENCE))
                    .containsExactly(Map.entry("traceparent", "00-1-2-01"));
        }
    }

    /** Sends these fields along, as a tracer does. */
    private record Fields(Map<String, String> fields) implements ObservationHandler<SenderContext<Object>> {

        @Override
        public void onStart(SenderContext<Object> context) {
            fields.forEach((key, value) -> context.getSetter().set(context.getCarrier(), key, value));
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return context instanceof SenderContext;
        }
    }

    private List<Observation.Context> contexts() {
        List<Observation.Context> all = new ArrayList<>();
        TestObservationRegistryAssert.assertThat(registry).hasHandledContextsThatSatisfy(all::addAll);
        return all;
    }

    private List<Observation.Context> runs() {
        return contexts().stream().filter(RunContext.class::isInstance).toList();
    }

    private List<String> outcomes() {
        return runs().stream()
                .map(run -> run.getLowCardinalityKeyValue("tidemill.outcome").getValue())
                .toList();
    }
}
