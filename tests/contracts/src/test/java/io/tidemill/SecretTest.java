package io.tidemill;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.tidemill.admin.JobInfo;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.broker.memory.MemoryStore;
import io.tidemill.client.Call;
import io.tidemill.client.PreparedJob;
import io.tidemill.event.QueueEvent;
import io.tidemill.message.HmacSeal;
import io.tidemill.message.SealKey;
import io.tidemill.task.ConfigurationException;
import io.tidemill.task.JobState;
import io.tidemill.task.PayloadException;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.Secret;
import io.tidemill.task.Task;
import io.tidemill.test.Recorder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** That what is marked as secret is shown nowhere. */
class SecretTest {

    private static final String SECRET = "4111-1111";

    /** An argument with a secret part, which refuses numbers and quotes them. */
    public record Card(String holder, @Secret String number) {

        public Card {
            if (number.length() > 20) {
                throw new IllegalArgumentException("too long is " + number);
            }
        }
    }

    /** Shapes of which one has a secret part, which has another name in JSON. */
    public sealed interface Note permits Plain, Hidden {}

    /** Nothing secret. */
    public record Plain(String text) implements Note {}

    /** A secret part. */
    public record Hidden(@Secret @JsonProperty("t/x") String text) implements Note {}

    /** Holds itself. */
    public record Node(@Secret String text, List<Node> children) {}

    /** Is written as one text. */
    public record Token(@Secret @JsonValue String value) {}

    /** Is written without names. */
    @JsonFormat(shape = JsonFormat.Shape.ARRAY)
    public record Row(String holder, @Secret String number) {}

    /** Has a part that is written without names. */
    public record Table(
            String name,
            @JsonFormat(shape = JsonFormat.Shape.ARRAY) Card card) {}

    /** Is written as another, which has a secret part. */
    public record Wrapper(@JsonValue Card card) {}

    /** Has names that its values know. */
    public static final class Open {

        private final Map<String, Card> rest = new TreeMap<>();

        /** Declared, and not secret. */
        public String title = "t";

        /** For each name. */
        @JsonAnyGetter
        public Map<String, Card> rest() {
            return rest;
        }

        /** Of each name. */
        @JsonAnySetter
        public void put(String name, Card card) {
            rest.put(name, card);
        }
    }

    /** Tasks whose jobs are dead at once. */
    public static final class Tasks {

        @Task(name = "charge")
        public void charge(Card card, @Secret String pin, long amount) {
            throw new IllegalStateException("no");
        }

        @Task(name = "many")
        public void many(List<Card> cards, Map<String, Card> named, Optional<Card> one, List<Note> notes) {
            throw new IllegalStateException("no");
        }

        @Task(name = "unnamed")
        public void unnamed(Row row, List<Row> rows, Table table, Wrapper wrapper) {
            throw new IllegalStateException("no");
        }

        @Task(name = "undeclared")
        public void undeclared(Open open, String text) {
            throw new IllegalStateException("no");
        }

        @Task(name = "odd")
        public void odd(Node node, Token token, String open) {
            throw new IllegalStateException("no");
        }
    }

    /** A group that would show a secret. */
    public static final class Grouped {

        @Task(group = "card:{0}")
        public void whole(@Secret String card) {}

        @Task(group = "card:{1}")
        public void part(String open, Card card) {}

        @Task(group = "open:{0}")
        public void neither(String open, Card card) {}
    }

    private final Recorder events = new Recorder();

    private TaskQueueBuilder worker() {
        return TaskQueue.builder()
                .tasks(new Tasks())
                .retry(RetryPolicy.defaults().withMaxAttempts(1))
                .listener(events);
    }

    private static String shown(TaskQueue queue) {
        return queue.admin().list("default", JobState.DEAD, 0, 10).get(0).payload();
    }

    @Test
    void marked_arguments_and_parts_are_hidden_on_pages_also_of_processes_without_the_class() throws Exception {
        MemoryStore store = new MemoryStore();
        try (TaskQueue queue = worker().broker(new MemoryBroker(store)).start();
                TaskQueue page =
                        TaskQueue.builder().broker(new MemoryBroker(store)).start()) {
            queue.enqueue(Tasks::charge, new Card("ada", SECRET), "1234", 5L);
            events.await(QueueEvent.Died.class, 1);

            assertThat(shown(page)).isEqualTo("[{\"holder\":\"ada\",\"number\":\"***\"},\"***\",5]");
        }
    }

    @Test
    void parts_are_hidden_wherever_they_stand() throws Exception {
        Card card = new Card("ada", SECRET);
        try (TaskQueue queue = worker().start()) {
            queue.enqueue(
                    Tasks::many,
                    List.of(card, card),
                    Map.of("a", card),
                    Optional.of(card),
                    List.of(new Plain("p"), new Hidden(SECRET)));
            events.await(QueueEvent.Died.class, 1);

            String hidden = "{\"holder\":\"ada\",\"number\":\"***\"}";
            assertThat(shown(queue))
                    .isEqualTo("[[" + hidden + "," + hidden + "],{\"a\":" + hidden + "}," + hidden
                            + ",[{\"@type\":\"Plain\",\"text\":\"p\"},{\"@type\":\"Hidden\",\"t/x\":\"***\"}]]");
        }
    }

    @Test
    void where_a_part_has_no_place_of_its_own_more_is_hidden() throws Exception {
        try (TaskQueue queue = worker().start()) {
            queue.enqueue(
                    Tasks::odd, new Node(SECRET, List.of(new Node(SECRET, List.of()))), new Token(SECRET), "open");
            events.await(QueueEvent.Died.class, 1);

            assertThat(shown(queue)).isEqualTo("[{\"text\":\"***\",\"children\":[\"***\"]},\"***\",\"open\"]");
        }
    }

    @Test
    void what_is_only_signed_is_hidden_as_well() throws Exception {
        try (TaskQueue queue =
                worker().seal(HmacSeal.of(SealKey.of("k", new byte[32]))).start()) {
            queue.enqueue(Tasks::charge, new Card("ada", SECRET), "1234", 5L);
            events.await(QueueEvent.Died.class, 1);

            assertThat(shown(queue)).isEqualTo("[{\"holder\":\"ada\",\"number\":\"***\"},\"***\",5]");
        }
    }

    @Test
    void a_job_like_one_with_secrets_hides_them_too() throws Exception {
        try (TaskQueue queue = worker().start()) {
            PreparedJob pattern = queue.prepare(call(Tasks::charge, new Card("ada", SECRET), "1234", 5L));
            queue.enqueue(queue.prepareLike(pattern, "like"));
            events.await(QueueEvent.Died.class, 1);

            assertThat(shown(queue)).isEqualTo("[{\"holder\":\"ada\",\"number\":\"***\"},\"***\",5]");
        }
    }

    @Test
    void no_error_of_a_worker_says_what_a_marked_argument_holds() throws Exception {
        MemoryStore store = new MemoryStore();
        String tooLong = SECRET.repeat(5);
        try (TaskQueue queue = worker().broker(new MemoryBroker(store)).start();
                TaskQueue stranger =
                        TaskQueue.builder().broker(new MemoryBroker(store)).start()) {
            stranger.enqueue("charge", Map.of("holder", "ada", "number", tooLong), "1234", 5);
            QueueEvent.Died died = events.await(QueueEvent.Died.class, 1).get(0);

            assertThat(died.reason()).contains("argument 0 does not fit; the reason is not shown");
            assertThat(died.failure().lines()).doesNotContain(SECRET);
            for (Throwable each = died.run().thrown(); each != null; each = each.getCause()) {
                assertThat(String.valueOf(each.getMessage())).doesNotContain(SECRET);
            }
        }
    }

    @Test
    void no_error_of_a_producer_says_what_a_marked_argument_holds() {
        try (TaskQueue queue = worker().start()) {
            Call<Object> wrong = Call.named("charge", SECRET, "1234", 5L);

            assertThatThrownBy(() -> queue.enqueue(wrong))
                    .isInstanceOf(PayloadException.class)
                    .hasMessageContaining("argument 0 does not fit; the reason is not shown, as it is marked @Secret")
                    .hasMessageNotContaining(SECRET);
            assertThat(wrong.toString()).doesNotContain(SECRET);
            assertThatThrownBy(() -> queue.enqueue("charge", SECRET))
                    .hasMessageContaining("takes 3 arguments, the job has 1");
            assertThatThrownBy(() -> queue.enqueue("charge", new Card("a", SECRET), "1234", "five"))
                    .hasMessageContaining("argument 2")
                    .hasMessageNotContaining("not shown");
        }
    }

    @Test
    void a_secret_cannot_name_a_group() {
        TaskQueueBuilder builder = TaskQueue.builder().tasks(new Grouped());

        assertThatThrownBy(builder::start)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("group \"card:{0}\" would show argument 0")
                .hasMessageContaining("group \"card:{1}\" would show argument 1")
                .hasMessageNotContaining("open:{0}");
    }

    @Test
    void what_is_written_without_the_names_of_its_parts_is_hidden_as_a_whole() throws Exception {
        try (TaskQueue queue = worker().start()) {
            Card card = new Card("ada", SECRET);
            Row row = new Row("ada", SECRET);
            queue.enqueue(Tasks::unnamed, row, List.of(row), new Table("t", card), new Wrapper(card));
            events.await(QueueEvent.Died.class, 1);

            assertThat(shown(queue)).isEqualTo("[\"***\",[\"***\"],{\"name\":\"t\",\"card\":\"***\"},\"***\"]");
        }
    }

    @Test
    void what_has_names_that_only_its_values_know_is_hidden_as_a_whole() throws Exception {
        try (TaskQueue queue = worker().start()) {
            Open open = new Open();
            open.put("first", new Card("ada", SECRET));
            queue.enqueue(Tasks::undeclared, open, "open");
            events.await(QueueEvent.Died.class, 1);

            assertThat(shown(queue)).isEqualTo("[\"***\",\"open\"]");
        }
    }

    @Test
    void a_record_that_cannot_be_read_is_not_shown_if_it_may_have_secrets() {
        MemoryBroker broker = new MemoryBroker();
        try (TaskQueue queue = TaskQueue.builder().broker(broker).start()) {
            for (String extras : List.of("{\"secrets\":[\"/0\"],\"attempts\":\"x\"}", "{\"attempts\":\"x\"}")) {
                byte[] body = ("1 charge 5 " + extras + "\n[\"" + SECRET + "\"]").getBytes(StandardCharsets.UTF_8);
                broker.enqueue("default", List.of(NewJob.now("job" + body.length, body, 4)))
                        .join();
            }

            assertThat(queue.admin().list("default", JobState.READY, 0, 10))
                    .extracting(JobInfo::payload)
                    .satisfiesExactly(
                            hidden -> assertThat(hidden)
                                    .startsWith("unreadable: ")
                                    .doesNotContain(SECRET),
                            shown -> assertThat(shown).contains("{\"attempts\":\"x\"}"));
        }
    }

    /** What producers share. */
    public interface Shared {

        /** Charges a card. */
        @Task(name = "shared")
        void charge(String card);
    }

    /** Marks what the interface does not. */
    public static final class Marking implements Shared {

        @Override
        public void charge(@Secret String card) {}
    }

    @Test
    void a_mark_where_producers_do_not_see_it_is_refused() {
        assertThatThrownBy(() -> TaskQueue.builder().tasks(new Marking()).start())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("Shared.charge has @Task, and Marking.charge marks arguments with @Secret");
    }
}
