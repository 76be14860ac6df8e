package io.tidemill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.client.Call;
import io.tidemill.client.JobCancelledException;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.RunInterceptor;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskSignal;
import io.tidemill.test.Recorder;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What an interceptor around runs sees and decides. */
class RunInterceptorTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** An annotation of an application. */
    @Retention(RetentionPolicy.RUNTIME)
    @interface Audited {
        String value();
    }

    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final Recorder events = new Recorder();

    /** A task that says that it ran. */
    public final class Greeter {

        /** Greets. */
        @Task(name = "greet")
        @Audited("yes")
        public String greet(String name, int times) {
            seen.add("task");
            if (name.equals("nobody")) {
                throw new IllegalArgumentException("nobody is there");
            }
            return "hello " + name;
        }
    }

    private TaskQueue queue(RunInterceptor... interceptors) {
        TaskQueueBuilder builder =
                TaskQueue.builder().tasks(new Greeter()).listener(events).listener(this::note);
        for (RunInterceptor each : interceptors) {
            builder.interceptRuns(each);
        }
        return builder.start();
    }

    private void note(QueueEvent event) {
        if (event instanceof QueueEvent.Started) {
            seen.add("started");
        }
    }

    private RunInterceptor noting(String name) {
        return invocation -> {
            seen.add(name + " before");
            try {
                return invocation.proceed();
            } finally {
                seen.add(name + " after");
            }
        };
    }

    @Test
    void the_first_interceptor_is_the_outermost_and_all_are_within_the_started_event() throws Exception {
        try (TaskQueue queue = queue(noting("a"), noting("b"))) {
            assertThat(queue.enqueue(Greeter::greet, "Ada", 1).await(PATIENCE)).isEqualTo("hello Ada");
        }
        assertThat(seen).containsExactly("started", "a before", "b before", "task", "b after", "a after");
    }

    @Test
    void an_interceptor_sees_definition_annotations_arguments_headers_and_the_context() throws Exception {
        RunInterceptor curious = invocation -> {
            seen.add(invocation.definition().name());
            seen.add(invocation
                    .definition()
                    .method()
                    .getAnnotation(Audited.class)
                    .value());
            seen.add(invocation.arguments().toString());
            seen.add(invocation.context().headers().toString());
            seen.add("current: " + (TaskContext.current() == invocation.context()));
            return invocation.proceed();
        };
        try (TaskQueue queue = queue(curious)) {
            queue.enqueue(Call.call(Greeter::greet, "Ada", 2).header("tenant", "7"))
                    .await(PATIENCE);
        }
        assertThat(seen).containsExactly("started", "greet", "yes", "[Ada, 2]", "{tenant=7}", "current: true", "task");
    }

    @Test
    void the_arguments_that_an_interceptor_sees_cannot_be_changed() throws Exception {
        RunInterceptor greedy = invocation -> {
            assertThatThrownBy(() -> invocation.arguments().set(0, "Eve"))
                    .isInstanceOf(UnsupportedOperationException.class);
            return invocation.proceed();
        };
        try (TaskQueue queue = queue(greedy)) {
            assertThat(queue.enqueue(Greeter::greet, "Ada", 1).await(PATIENCE)).isEqualTo("hello Ada");
        }
    }

    @Test
    void what_an_interceptor_returns_is_the_result_and_the_task_does_not_run_without_proceed() throws Exception {
        try (TaskQueue queue = queue(invocation -> "from the cache")) {
            assertThat(queue.enqueue(Greeter::greet, "Ada", 1).await(PATIENCE)).isEqualTo("from the cache");
        }
        assertThat(seen).containsExactly("started");
    }

    @Test
    void what_an_interceptor_throws_ends_the_run_as_if_the_task_had_thrown_it() {
        RunInterceptor guard = invocation -> {
            throw new TaskSignal.Cancel("not allowed");
        };
        try (TaskQueue queue = queue(guard)) {
            assertThatThrownBy(() -> queue.enqueue(Greeter::greet, "Ada", 1).await(PATIENCE))
                    .isInstanceOf(JobCancelledException.class);
        }
        assertThat(seen).containsExactly("started");
    }

    @Test
    void an_interceptor_sees_the_very_exception_of_the_task() throws Exception {
        RunInterceptor watching = invocation -> {
            try {
                return invocation.proceed();
            } catch (IllegalArgumentException e) {
                seen.add(e.getMessage());
                throw e;
            }
        };
        try (TaskQueue queue = queue(watching)) {
            queue.enqueue(Greeter::greet, "nobody", 1);
            events.await(QueueEvent.Retrying.class, 1);
        }
        assertThat(seen).startsWith("started", "task", "nobody is there");
    }
}
