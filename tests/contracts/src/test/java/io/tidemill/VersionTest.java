package io.tidemill;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.broker.memory.MemoryStore;
import io.tidemill.client.JobHandle;
import io.tidemill.client.PreparedJob;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.ConfigurationException;
import io.tidemill.task.JobState;
import io.tidemill.task.Task;
import io.tidemill.task.Upcaster;
import io.tidemill.task.WorkerOptions;
import io.tidemill.test.Recorder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Jobs whose arguments had another form when they were stored. */
class VersionTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** The first form. */
    public static final class First {

        @Task(name = "send")
        public String send(String to) {
            return to;
        }
    }

    /** The second form has a language as well. */
    public static final class Second {

        @Task(name = "send", version = 2)
        public String send(String to, String language) {
            return to + " in " + language;
        }
    }

    /** In the third the address is an object. */
    public static final class Third {

        @Task(name = "send", version = 3)
        public String send(Address to, String language) {
            return to.mail() + " (" + to.copies() + ") in " + language;
        }
    }

    /** An argument of the third form. */
    public record Address(String mail, int copies) {}

    private final Recorder events = new Recorder();
    private final MemoryStore store = new MemoryStore();

    private static final Upcaster LANGUAGE = arguments -> {
        arguments.add("en");
        return arguments;
    };

    private static final Upcaster ADDRESS = arguments -> {
        arguments.set(0, Map.of("mail", String.valueOf(arguments.get(0)), "copies", 1));
        return arguments;
    };

    private TaskQueueBuilder queue() {
        return TaskQueue.builder().broker(new MemoryBroker(store)).listener(events);
    }

    private TaskQueueBuilder third() {
        return queue().tasks(new Third()).upcaster("send", 1, LANGUAGE).upcaster("send", 2, ADDRESS);
    }

    @Test
    void jobs_of_each_older_version_run_as_the_newest() throws Exception {
        try (TaskQueue producer = queue().start();
                TaskQueue worker = third().start()) {
            assertThat(producer.enqueue(First::send, "ada").await(PATIENCE)).isEqualTo("ada (1) in en");
            assertThat(producer.enqueue(Second::send, "bob", "fr").await(PATIENCE))
                    .isEqualTo("bob (1) in fr");
            assertThat(worker.enqueue(Third::send, new Address("eve", 3), "de").await(PATIENCE))
                    .isEqualTo("eve (3) in de");
        }
    }

    @Test
    void a_job_like_an_older_one_keeps_its_version_and_new_arguments_have_the_new_one() throws Exception {
        try (TaskQueue producer = queue().start();
                TaskQueue worker = third().start()) {
            PreparedJob pattern = producer.prepare(call(First::send, "ada"));

            assertThat(worker.enqueue(worker.prepareLike(pattern, "a")).await(PATIENCE))
                    .isEqualTo("ada (1) in en");
            assertThat(worker.enqueue(worker.prepareLike(pattern, "b", new Address("eve", 3), "de"))
                            .await(PATIENCE))
                    .isEqualTo("eve (3) in de");
        }
    }

    @Test
    void the_first_version_is_not_written() {
        try (TaskQueue producer = queue().start()) {
            assertThat(new String(
                            producer.prepare(call(First::send, "ada")).job().body(), StandardCharsets.UTF_8))
                    .matches("1 send \\d+\n\\[\"ada\"]");
            assertThat(new String(
                            producer.prepare(call(Second::send, "ada", "fr"))
                                    .job()
                                    .body(),
                            StandardCharsets.UTF_8))
                    .matches("1 send \\d+ \\{\"version\":2}\n\\[\"ada\",\"fr\"]");
        }
    }

    @Test
    void a_job_of_a_newer_version_is_left_for_a_worker_that_knows_it() throws Exception {
        try (TaskQueue producer = queue().start();
                TaskQueue old = queue().tasks(new First())
                        .worker(WorkerOptions.defaults()
                                .withUnknownTaskDelay(Duration.ofMillis(1))
                                .withMaxUnknownReleases(10_000))
                        .start()) {
            JobHandle<String> job = producer.enqueue(Second::send, "ada", "fr");

            assertThat(events.await(QueueEvent.Released.class, 2).get(0).reason())
                    .contains("the arguments of task \"send\" have version 2, this worker knows up to version 1");
            try (TaskQueue updated =
                    queue().tasks(new Second()).upcaster("send", 1, LANGUAGE).start()) {
                assertThat(job.await(PATIENCE)).isEqualTo("ada in fr");
                assertThat(updated.admin().counts("default").dead()).isZero();
            }
            assertThat(events.events(QueueEvent.Died.class)).isEmpty();
            assertThat(old.admin().counts("default").dead()).isZero();
        }
    }

    @Test
    void an_upcaster_that_throws_makes_the_job_dead_with_its_bytes() throws Exception {
        Upcaster broken = arguments -> {
            throw new IllegalStateException("no language");
        };
        try (TaskQueue producer = queue().start();
                TaskQueue worker =
                        queue().tasks(new Second()).upcaster("send", 1, broken).start()) {
            producer.enqueue(First::send, "ada");

            assertThat(events.await(QueueEvent.Died.class, 1).get(0).reason())
                    .contains("the upcaster from version 1 threw IllegalStateException: no language");
            assertThat(worker.admin()
                            .list("default", JobState.DEAD, 0, 10)
                            .get(0)
                            .payload())
                    .isEqualTo("[\"ada\"]");
        }
    }

    @Test
    void an_upcaster_that_needs_a_class_that_is_not_there_makes_the_job_dead_at_once() throws Exception {
        Upcaster broken = arguments -> {
            throw new NoClassDefFoundError("com/acme/Languages");
        };
        try (TaskQueue producer = queue().start();
                TaskQueue worker =
                        queue().tasks(new Second()).upcaster("send", 1, broken).start()) {
            producer.enqueue(First::send, "ada");

            assertThat(events.await(QueueEvent.Died.class, 1).get(0).reason())
                    .contains("the upcaster from version 1 threw NoClassDefFoundError: com/acme/Languages");
            assertThat(events.events(QueueEvent.Retrying.class)).isEmpty();
            assertThat(worker.admin().counts("default").dead()).isOne();
        }
    }

    @Test
    void handlers_and_calls_by_name_say_their_version_in_the_settings() throws Exception {
        try (TaskQueue producer = queue().task("greet", task -> task.version(2)).start();
                TaskQueue before = queue().start();
                TaskQueue worker = queue().handle(
                                "greet", Address.class, String.class, (to, context) -> to.mail() + to.copies())
                        .task("greet", task -> task.version(2))
                        .upcaster("greet", 1, ADDRESS)
                        .start()) {
            assertThat(producer.enqueue("greet", new Address("eve", 3)).await(PATIENCE))
                    .isEqualTo("eve3");
            assertThat(before.enqueue("greet", "ada").await(PATIENCE)).isEqualTo("ada1");
            assertThat(worker.admin().counts("default").dead()).isZero();
        }
    }

    @Test
    void what_is_missing_or_too_much_is_refused_at_the_start() {
        TaskQueueBuilder missing = queue().tasks(new Third()).upcaster("send", 2, ADDRESS);
        TaskQueueBuilder tooMuch = queue().tasks(new First())
                .upcaster("send", 1, LANGUAGE)
                .upcaster("sent", 1, LANGUAGE)
                .upcaster("send", 1, LANGUAGE)
                .upcaster("send", 0, LANGUAGE);

        assertThatThrownBy(missing::start)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("Third.send(Address, String) has version 3, and nothing says how arguments of"
                        + " version 1 become those of version 2; add upcaster(\"send\", 1, ...)");
        assertThatThrownBy(tooMuch::start)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("makes arguments of version 2, but First.send(String) has version 1")
                .hasMessageContaining("is about a task that is not registered here; did you mean \"send\"?")
                .hasMessageContaining("is given twice")
                .hasMessageContaining("the version must be 1 to 999");
    }

    @Test
    void an_upcaster_may_leave_arguments_as_they_are() {
        List<Object> arguments = List.of("ada", 1);

        assertThat(Upcaster.unchanged().upcast(arguments)).isSameAs(arguments);
    }
}
