package io.tidemill;

import static io.tidemill.client.Call.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemill.client.Call;
import io.tidemill.task.PayloadException;
import io.tidemill.task.Task;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Calls by name carry what a task declares, as it was given; no value is changed into another. */
class CallsByNameTest extends PayloadsHarness {

    public static class Simple {
        @Task
        public int twice(int number) {
            return 2 * number;
        }

        @Task
        public String text(String text) {
            return text;
        }

        @Task
        public double half(double number) {
            return number / 2;
        }

        @Task
        public long number(Order order) {
            return order.number();
        }
    }

    static Stream<Call<?>> coerced() {
        return Stream.of(
                named("twice", 1.5),
                named("twice", "7"),
                named("twice", true),
                named("twice", 1L << 40),
                named("text", true),
                named("text", 7),
                named("half", "1.5"),
                named("half", 9_007_199_254_740_993L),
                named("number", Map.of("number", "5")),
                named("number", Map.of("number", 5.5)),
                named("number", Map.of("number", 5, "lines", "none")),
                named("number", Map.of("numbr", 5)),
                named("number", 5));
    }

    @ParameterizedTest
    @MethodSource("coerced")
    void a_call_by_name_is_not_coerced_but_refused_before_it_is_stored(Call<?> wrong) {
        TaskQueue queue = queue(new Simple());

        assertThatExceptionOfType(PayloadException.class)
                .isThrownBy(() -> queue.enqueue(wrong))
                .withMessageContaining("was not enqueued: argument 0")
                .withMessageContaining("it is declared as Simple.");
        assertThat(queue.admin().counts("default").ready()).isZero();
    }

    @Test
    void a_call_by_name_may_pass_what_says_the_same() throws Exception {
        TaskQueue queue = queue(new Simple());

        assertThat(queue.enqueue("twice", 7L).await(SOON)).isEqualTo(14);
        assertThat(queue.enqueue("half", 7).await(SOON)).isEqualTo(3.5);
        assertThat(queue.enqueue("number", Map.of("number", 5)).await(SOON)).isEqualTo(5L);
        assertThat(queue.enqueue("number", new Order(6, List.of())).await(SOON)).isEqualTo(6L);
    }

    @Test
    void a_call_keeps_what_it_was_given() throws Exception {
        TaskQueue queue = queue(new Simple());
        Object[] arguments = {7};
        Call<Object> call = named("twice", arguments);

        arguments[0] = 8;

        assertThat(queue.enqueue(call).await(SOON)).isEqualTo(14);
    }
}
