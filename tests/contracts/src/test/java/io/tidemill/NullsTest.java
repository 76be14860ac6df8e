package io.tidemill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.admin.DeadFilter;
import io.tidemill.admin.QueueAdmin;
import io.tidemill.admin.Redriven;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.TaskClient;
import io.tidemill.client.TaskRef;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.task.JobState;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Nulls that a user gives where none is allowed. */
class NullsTest {

    /** Something of each type that a parameter may have, so that only one of them is null. */
    private static final Map<Class<?>, Object> SAMPLES = Map.of(
            String.class,
            "mail",
            JobState.class,
            JobState.READY,
            Duration.class,
            Duration.ofSeconds(1),
            DeadFilter.class,
            DeadFilter.ALL,
            Redriven.class,
            Redriven.NONE,
            LimitScope.class,
            LimitScope.QUEUE,
            Limit[].class,
            new Limit[] {Limit.concurrency(1)},
            Stream.class,
            Stream.of(),
            List.class,
            List.of(),
            Consumer.class,
            (Consumer<Object>) each -> {});

    @Test
    void a_null_that_an_operator_gives_is_named() throws Exception {
        try (TaskQueue queue = TaskQueue.builder().start()) {
            int checked = 0;
            for (Method method : QueueAdmin.class.getMethods()) {
                if (method.getDeclaringClass() == QueueAdmin.class && !Modifier.isStatic(method.getModifiers())) {
                    checked += check(queue.admin(), method);
                }
            }
            assertThat(checked).isGreaterThan(30);
        }
    }

    private static int check(Object target, Method method) throws IllegalAccessException {
        Parameter[] parameters = method.getParameters();
        int checked = 0;
        for (int i = 0; i < parameters.length; i++) {
            if (parameters[i].getType().isPrimitive() || parameters[i].isVarArgs()) {
                continue;
            }
            Object[] arguments = Arrays.stream(parameters)
                    .map(each -> sample(each.getType()))
                    .toArray();
            arguments[i] = null;
            try {
                method.invoke(target, arguments);
                throw new AssertionError(method + " takes a null for " + parameters[i].getName());
            } catch (InvocationTargetException e) {
                assertThat(e.getCause())
                        .as("%s of %s", parameters[i].getName(), method)
                        .isInstanceOf(NullPointerException.class)
                        .message()
                        .matches(parameters[i].getName() + "( name)?( must not be null)?");
            }
            checked++;
        }
        return checked;
    }

    private static Object sample(Class<?> type) {
        return type == int.class
                ? (Object) 1
                : type == double.class ? 0.0 : type == boolean.class ? false : SAMPLES.get(type);
    }

    @Test
    @SuppressWarnings("DataFlowIssue")
    void a_null_that_a_producer_gives_is_named() {
        try (TaskQueue queue = TaskQueue.builder().start()) {
            TaskClient client = queue;
            named("request", () -> client.enqueue((PreparedJob) null));
            named("request", () -> client.enqueueAsync((PreparedJob) null));
            named("requests", () -> client.enqueueAll((List<PreparedJob>) null));
            named("requests", () -> client.enqueueAll((Stream<PreparedJob>) null, each -> {}));
            named("each", () -> client.enqueueAll(Stream.<PreparedJob>of(), null));
            named("call", () -> client.prepare(null));
            named("call", () -> client.enqueueAfterCommit(null));
            named("job", () -> client.reschedule(null, null));
            named("task", () -> client.job((TaskRef<Object>) null, "id"));
            named("queue name must not be null", () -> client.job((String) null, "id"));
            named("job id must not be null", () -> client.job("mail", null));
            named("timeout must not be null", () -> client.job("mail", "id").await(null));
        }
    }

    private static void named(String what, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(NullPointerException.class).hasMessage(what);
    }
}
