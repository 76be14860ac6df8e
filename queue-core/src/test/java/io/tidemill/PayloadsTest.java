package io.tidemill;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.tidemill.client.JobFailedException;
import io.tidemill.message.JsonPayloadCodec;
import io.tidemill.task.ConfigurationException;
import io.tidemill.task.PayloadException;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What tasks are given is what was passed, whole queues long; what cannot be is refused in time. */
class PayloadsTest extends PayloadsHarness {

    public record Receipt(long number) {}

    public sealed interface Shape permits Circle, Square {}

    public record Circle(double radius) implements Shape {}

    public record Square(int side) implements Shape {}

    public static class Drawing {

        @Task
        public List<Shape> draw(List<Shape> shapes, Optional<Shape> frame) {
            List<Shape> all = new ArrayList<>(shapes);
            frame.ifPresent(all::add);
            return all;
        }
    }

    @Test
    void a_list_of_a_sealed_type_keeps_the_types_of_its_elements() throws Exception {
        TaskQueue queue = queue(new Drawing());

        assertThat(queue.enqueue(Drawing::draw, List.of(new Circle(1), new Square(2)), Optional.of(new Square(3)))
                        .await(SOON))
                .containsExactly(new Circle(1), new Square(2), new Square(3));
        assertThat(queue.enqueue(
                                "draw",
                                List.of(Map.of("@type", "Square", "side", 2)),
                                Map.of("@type", "Circle", "radius", 1.5))
                        .await(SOON))
                .isEqualTo(List.of(new Square(2), new Circle(1.5)));
    }

    public interface Handler<T, R> {
        @Task(name = "handle")
        R handle(T value);
    }

    public static class OrderHandler implements Handler<Order, Receipt> {
        @Override
        public Receipt handle(Order order) {
            return new Receipt(order.number());
        }
    }

    public abstract static class Base<T> {
        @Task(name = "first")
        public T first(List<T> all) {
            return all.get(0);
        }

        @Task(name = "make")
        public Object make() {
            return "";
        }
    }

    public static class OrderBase extends Base<Order> {
        @Override
        public Receipt make() {
            return new Receipt(7);
        }
    }

    @Test
    void a_type_variable_is_what_the_class_says_it_is() throws Exception {
        TaskQueue handlers = queue(new OrderHandler());
        Order order = new Order(5, List.of("a"));

        assertThat(handlers.enqueue(OrderHandler::handle, order).await(SOON)).isEqualTo(new Receipt(5));
        assertThat(handlers.enqueue(Handler<Order, Receipt>::handle, order).await(SOON))
                .isEqualTo(new Receipt(5));
        TaskQueue bases = queue(new OrderBase());
        Order first = bases.enqueue(OrderBase::first, List.of(order)).await(SOON);
        assertThat(first).isEqualTo(order);
    }

    @Test
    void a_narrower_result_of_the_class_itself_does_not_come_back_as_a_map() throws Exception {
        TaskQueue queue = queue(new OrderBase());

        assertThat(queue.enqueue(OrderBase::make).await(SOON)).isEqualTo(new Receipt(7));
        assertThat(queue.enqueue("make").await(SOON)).isEqualTo(new Receipt(7));
    }

    public interface Annotated<T> {
        @Task(name = "both")
        void both(T value);
    }

    public static class AnnotatedTwice implements Annotated<Order> {
        @Override
        @Task(name = "both")
        public void both(Order value) {}
    }

    @Test
    void an_override_with_a_narrower_parameter_is_no_overload() throws Exception {
        TaskQueue queue = queue(new AnnotatedTwice());

        queue.enqueue(AnnotatedTwice::both, new Order(1, List.of())).await(SOON);
    }

    public static class Plain {
        public String name = "plain";
    }

    public static class Richer extends Plain {
        public String more = "more";
    }

    public static class Beans {
        @Task
        public void plain(Plain plain) {}

        @Task
        public Object anything() {
            return Map.of("when", Instant.EPOCH);
        }

        @Task
        public Object same(Object value) {
            return value;
        }
    }

    @Test
    void a_subclass_that_would_lose_its_fields_is_refused() {
        TaskQueue queue = queue(new Beans());

        assertThatExceptionOfType(PayloadException.class)
                .isThrownBy(() -> queue.enqueue(Beans::plain, new Richer()))
                .withMessageContaining("Richer comes back as")
                .withMessageContaining("Beans.plain(Plain)");
    }

    @Test
    void a_result_that_would_not_come_back_makes_the_job_dead_with_its_reason() {
        TaskQueue queue = queue(new Beans());

        assertThatExceptionOfType(JobFailedException.class)
                .isThrownBy(() -> queue.enqueue(Beans::anything).await(SOON))
                .withMessageContaining("ran to its end")
                .withMessageContaining("java.time.Instant comes back as java.lang.String");
    }

    @Test
    void numbers_of_no_declared_type_keep_every_digit() throws Exception {
        TaskQueue queue = queue(new Beans());
        for (Object number : List.of(
                Long.MAX_VALUE,
                7,
                new BigDecimal("0.10"),
                new BigDecimal("0.1234567890123456789012345678901234567890"))) {
            assertThat(queue.enqueue(Beans::same, number).await(SOON)).isEqualTo(number);
            assertThat(queue.enqueue("same", number).await(SOON)).isEqualTo(number);
        }
    }

    public static class Later {
        @Task
        public Future<String> future() {
            return CompletableFuture.completedFuture("");
        }

        @Task
        public Flow.Publisher<String> publisher() {
            return subscriber -> {};
        }

        @Task
        public Stream<String> stream() {
            return Stream.empty();
        }

        @Task
        public void context(TaskContext context) {}

        @Task
        public void bits(BitSet bits) {}

        @Task
        public List<Runnable> runnables() {
            return List.of();
        }

        @Task
        public void nested(Map<String, List<Stream<String>>> streams) {}
    }

    @Test
    void what_no_job_can_carry_is_refused_at_start_with_all_of_it() {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> queue(new Later()))
                .satisfies(refused -> assertThat(refused.problems())
                        .hasSize(7)
                        .anyMatch(each -> each.contains("Later.future returns a Future"))
                        .anyMatch(each -> each.contains("Later.publisher returns a Publisher"))
                        .anyMatch(each -> each.contains("Later.stream returns a Stream"))
                        .anyMatch(each -> each.contains("Later.context takes a TaskContext"))
                        .anyMatch(each -> each.contains("Later.bits(BitSet): argument 0"))
                        .anyMatch(each -> each.contains("Later.runnables(): its result"))
                        .anyMatch(each -> each.contains("Later.nested(Map): argument 0")));
    }

    public interface Bare {
        void work();
    }

    public static class Worker implements Bare {
        @Override
        @Task
        public void work() {}
    }

    @Test
    void a_reference_to_an_interface_says_that_it_does_not_see_the_annotation_of_the_class() {
        TaskQueue queue = queue(new Worker());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> queue.enqueue(call(Bare::work)))
                .withMessageContaining("put @Task on the method of the interface");
        Object proxy = Proxy.newProxyInstance(
                Bare.class.getClassLoader(), new Class<?>[] {Bare.class}, (self, method, values) -> null);
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> queue(proxy))
                .withMessageContaining("You passed a proxy");
    }

    /** A class that needs a module, as those of other languages do. */
    public static final class Money {
        private final String text;

        private Money(String text, boolean internal) {
            this.text = internal ? text : "";
        }

        static Money of(String text) {
            return new Money(text, true);
        }
    }

    private static SimpleModule moneyModule() {
        SimpleModule module = new SimpleModule("money");
        module.addSerializer(Money.class, new StdSerializer<>(Money.class) {
            @Override
            public void serialize(Money value, JsonGenerator out, SerializerProvider provider) throws IOException {
                out.writeString(value.text);
            }
        });
        module.addDeserializer(Money.class, new StdDeserializer<>(Money.class) {
            @Override
            public Money deserialize(JsonParser parser, DeserializationContext context) throws IOException {
                return Money.of(parser.getText());
            }
        });
        return module;
    }

    public static class Till {
        @Task
        public Money pay(Money money) {
            return money;
        }
    }

    @Test
    void a_module_of_the_user_adds_a_type() throws Exception {
        TaskQueue without = queue(new Till());
        assertThatExceptionOfType(PayloadException.class)
                .isThrownBy(() -> without.enqueue(Till::pay, Money.of("5 EUR")));
        TaskQueue queue = TaskQueue.builder()
                .codec(JsonPayloadCodec.with(moneyModule()))
                .tasks(new Till())
                .start();
        open.add(queue);

        assertThat(queue.enqueue(Till::pay, Money.of("5 EUR")).await(SOON).text).isEqualTo("5 EUR");
    }
}
