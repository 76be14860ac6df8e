package io.tidemill.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SafelyTest {

    @Test
    void what_is_thrown_instead_of_a_future_fails_the_future() {
        CompletableFuture<String> answer = Safely.ask(() -> {
            throw new StackOverflowError();
        });

        assertThatThrownBy(answer::join).hasCauseInstanceOf(StackOverflowError.class);
        assertThat(Safely.ask(() -> null)).isCompletedExceptionally();
        assertThat(Safely.ask(() -> CompletableFuture.completedFuture("it"))).isCompletedWithValue("it");
    }

    @Test
    void a_step_that_throws_does_not_take_the_next_along() {
        List<Integer> done = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int number = i;
            boolean isDone = Safely.run("a step", () -> {
                if (number == 1) {
                    throw new OutOfMemoryError("Java heap space");
                }
                done.add(number);
            });
            assertThat(isDone).isEqualTo(number != 1);
        }

        assertThat(done).containsExactly(0, 2);
    }

    @Test
    void an_executor_without_threads_refuses_and_nothing_is_thrown() {
        boolean isTaken = Safely.execute(
                task -> {
                    throw new OutOfMemoryError("unable to create native thread");
                },
                "a task",
                () -> {});

        assertThat(isTaken).isFalse();
        assertThat(Safely.execute(Runnable::run, "a task", () -> {})).isTrue();
    }
}
