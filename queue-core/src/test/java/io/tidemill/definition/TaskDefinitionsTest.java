package io.tidemill.definition;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.task.Batch;
import io.tidemill.task.BatchSize;
import io.tidemill.task.ConfigurationException;
import io.tidemill.task.Retry;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.Task;
import io.tidemill.task.TaskDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class TaskDefinitionsTest {

    private final List<String> problems = new ArrayList<>();

    public static class Mail {

        @Task(
                name = "send_email",
                queue = "mail",
                priority = 7,
                timeout = "30s",
                resultTtl = "2h",
                retry = @Retry(maxAttempts = 9, delay = "2s", on = IllegalStateException.class))
        public String sendEmail(String to, List<String> subjects) {
            return to + subjects;
        }

        @Task
        public void ping() {}

        public void noTask() {}
    }

    @Test
    void an_annotation_is_read_once_with_everything_it_says() throws Exception {
        List<TaskDefinition> tasks = TaskDefinitions.readAll(Mail.class, RetryPolicy.defaults(), problems);

        assertThat(problems).isEmpty();
        assertThat(tasks).extracting(TaskDefinition::name).containsExactly("ping", "send_email");
        TaskDefinition mail = tasks.get(1);
        assertThat(mail.queue()).isEqualTo("mail");
        assertThat(mail.priority()).isEqualTo(7);
        assertThat(mail.timeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(mail.resultTtl()).isEqualTo(Duration.ofHours(2));
        assertThat(mail.retry().maxAttempts()).isEqualTo(9);
        assertThat(mail.retry().delay()).isEqualTo(Duration.ofSeconds(2));
        assertThat(mail.retry().on()).containsExactly(IllegalStateException.class);
        assertThat(mail.hasResult()).isTrue();
        assertThat(mail.signature()).isEqualTo("Mail.sendEmail(String, List)");
        assertThat(mail.parameterTypes().get(1)).hasToString("java.util.List<java.lang.String>");
    }

    @Test
    void what_is_not_said_is_the_default() {
        TaskDefinition ping = TaskDefinitions.readAll(Mail.class, RetryPolicy.defaults(), problems)
                .get(0);

        assertThat(ping.queue()).isEqualTo("default");
        assertThat(ping.priority()).isEqualTo(4);
        assertThat(ping.timeout()).isNull();
        assertThat(ping.retry()).isEqualTo(RetryPolicy.defaults());
        assertThat(ping.resultTtl()).isEqualTo(Duration.ofHours(1));
        assertThat(ping.hasResult()).isFalse();
        assertThat(ping.signature()).isEqualTo("Mail.ping()");
    }

    public static class Broken {

        @Task(
                name = "bad name",
                queue = "",
                priority = 10,
                timeout = "0s",
                resultTtl = "soon",
                retry = @Retry(maxAttempts = 0))
        public void everything() {}

        @Task
        public static void shared() {}

        @Task
        @SuppressWarnings("UnusedMethod")
        private void hidden() {}

        @Task
        public void wide(int a, int b, int c, int d, int e, int f, int g, int h, int i) {}

        @Task
        public void overloaded() {}

        @Task
        public void overloaded(String text) {}

        @Task
        public void overloaded(int number) {}

        @Task
        public void right() {}
    }

    @Test
    void everything_that_is_wrong_is_said_at_once() {
        List<TaskDefinition> tasks = TaskDefinitions.readAll(Broken.class, RetryPolicy.defaults(), problems);

        assertThat(tasks).extracting(TaskDefinition::name).containsExactly("right");
        assertThat(problems)
                .containsExactlyInAnyOrder(
                        "Broken.everything: task name may hold only A-Z a-z 0-9 . _ : and -, but has U+0020 at"
                                + " position 3",
                        "Broken.everything: queue name must have 1 to 128 characters, got 0",
                        "Broken.everything: priority must be 0 (last) to 9 (first), got 10; the default is 4",
                        "Broken.everything: timeout must be between 1 ms and 10 years, got 0 s",
                        "Broken.everything: resultTtl must be like \"250ms\", \"30s\", \"5m\", \"2h\", \"7d\" or"
                                + " \"PT1M30S\", got \"soon\"",
                        "Broken.everything: maxAttempts must be 1 to 10,000, got 0",
                        "Broken.shared must be a public instance method to be a task, but is public static",
                        "Broken.hidden must be a public instance method to be a task, but is private",
                        "Broken.wide takes 9 arguments, a task takes at most 8; put them into a record",
                        "Broken.overloaded is overloaded: a method reference to it would be ambiguous; give each task"
                                + " method a name of its own");
    }

    /** A future of its own. */
    public static class Reply extends CompletableFuture<Set<String>> {}

    /** Methods that return a stage. */
    public static class Later {
        @Task
        public Reply own() {
            return new Reply();
        }

        @Task
        public CompletionStage<? extends Number> bounded() {
            return new CompletableFuture<>();
        }

        @Task
        public CompletionStage<Void> nothing() {
            return new CompletableFuture<>();
        }

        @Task
        public CompletionStage<CompletionStage<String>> twice() {
            return new CompletableFuture<>();
        }

        @Task
        public Future<String> future() {
            return new CompletableFuture<>();
        }
    }

    @Test
    void the_result_of_a_method_that_returns_a_stage_is_what_the_stage_completes_with() {
        List<TaskDefinition> tasks = TaskDefinitions.readAll(Later.class, RetryPolicy.defaults(), problems);

        assertThat(tasks).allMatch(TaskDefinition::isAsync);
        assertThat(tasks)
                .extracting(task -> task.name() + " " + task.resultType().getTypeName() + " " + task.hasResult())
                .containsExactlyInAnyOrder(
                        "own java.util.Set<java.lang.String> true",
                        "bounded java.lang.Number true",
                        "nothing java.lang.Void false");
        assertThat(problems)
                .hasSize(2)
                .anyMatch(problem -> problem.startsWith("Later.twice returns a CompletionStage, and its job would end"))
                .anyMatch(problem -> problem.startsWith("Later.future returns a Future, and its job would end"));
    }

    public static class Together {
        @Task(batch = @BatchSize(max = 32, within = "2s"))
        public void stored(Batch<List<String>> batch) {}

        @Task
        public void measured(Batch.WithResults<String, ? extends Number> batch) {}

        @Task(batch = @BatchSize(max = 0))
        public void none(Batch<String> batch) {}

        @Task(batch = @BatchSize(within = "2h"))
        public void late(Batch<String> batch) {}

        @Task
        public void mixed(Batch<String> batch, String other) {}

        @Task
        public int counted(Batch<String> batch) {
            return batch.size();
        }

        @Task
        @SuppressWarnings("rawtypes")
        public void untyped(Batch batch) {}

        @Task(batch = @BatchSize(max = 2))
        public void alone(String text) {}

        @Task
        public void nested(Batch<Batch<String>> batch) {}
    }

    @Test
    void a_method_that_takes_a_batch_has_jobs_with_one_item_each() {
        List<TaskDefinition> tasks = TaskDefinitions.readAll(Together.class, RetryPolicy.defaults(), problems);

        assertThat(tasks)
                .extracting(task -> task.name() + " " + task.parameterTypes() + " " + task.resultType() + " "
                        + task.hasResult() + " " + task.batch())
                .containsExactlyInAnyOrder(
                        "stored [java.util.List<java.lang.String>] void false at most 32 within 2 s",
                        "measured [class java.lang.String] class java.lang.Number true at most 100 within 1 s");
        assertThat(problems)
                .containsExactlyInAnyOrder(
                        "Together.none: batch.max must be 1 to 1,000, got 0",
                        "Together.late: batch.within must be between 1 ms and 1 h, got 2 h",
                        "Together.mixed takes a Batch beside other arguments, which belong to one job each; put them"
                                + " into the item",
                        "Together.counted takes a Batch and returns a value, and would return one for all its jobs;"
                                + " return void, and take a Batch.WithResults to give each item its own result",
                        "Together.untyped takes a Batch without the type of its items; say for example Batch<Mail>",
                        "Together.alone says batch = @BatchSize, but takes no Batch; make its one parameter a Batch of"
                                + " what each job is enqueued with, or leave batch out",
                        "Together.nested takes a Batch for one job; a task that runs several jobs together is a method"
                                + " with @Task whose one parameter is a Batch");
    }

    public static class PackagePrivate {
        @Task
        void quiet() {}
    }

    @Test
    void a_method_without_a_modifier_is_told_what_it_lacks() {
        TaskDefinitions.readAll(PackagePrivate.class, RetryPolicy.defaults(), problems);

        assertThat(problems)
                .containsExactly(
                        "PackagePrivate.quiet must be a public instance method to be a task, but is package-private");
    }

    @Test
    void a_class_without_tasks_is_a_problem() {
        assertThat(TaskDefinitions.readAll(String.class, RetryPolicy.defaults(), problems))
                .isEmpty();
        assertThat(problems).singleElement().asString().contains("java.lang.String", "@Task");
    }

    public interface Orders {
        @Task(name = "place_order")
        String place(long id);
    }

    public static class Shop implements Orders {
        @Override
        public String place(long id) {
            return "order " + id;
        }
    }

    public abstract static class Base {
        @Task(name = "inherited")
        public void work() {}
    }

    public static class Derived extends Base implements Orders {
        @Override
        public String place(long id) {
            return "";
        }

        @Task(name = "overridden")
        @Override
        public void work() {}
    }

    @Test
    void an_annotation_on_an_interface_holds_for_its_implementation() {
        assertThat(TaskDefinitions.readAll(Shop.class, RetryPolicy.defaults(), problems))
                .extracting(TaskDefinition::name)
                .containsExactly("place_order");
        assertThat(problems).isEmpty();
    }

    @Test
    void the_most_specific_annotation_counts_and_superclasses_and_interfaces_are_read() {
        assertThat(TaskDefinitions.readAll(Derived.class, RetryPolicy.defaults(), problems))
                .extracting(TaskDefinition::name)
                .containsExactlyInAnyOrder("overridden", "place_order");
        assertThat(problems).isEmpty();
    }

    public static class Bridge implements java.util.function.Function<String, Integer> {
        @Task(name = "apply")
        @Override
        public Integer apply(String text) {
            return text.length();
        }
    }

    @Test
    void a_bridge_method_is_no_overload() {
        assertThat(TaskDefinitions.readAll(Bridge.class, RetryPolicy.defaults(), problems))
                .singleElement()
                .satisfies(task -> assertThat(task.parameterTypes()).containsExactly(String.class));
        assertThat(problems).isEmpty();
    }

    @Test
    void a_method_without_the_annotation_is_refused() throws Exception {
        assertThat(TaskDefinitions.read(Mail.class, "noTask", new Class<?>[0], problems))
                .isNull();
        assertThat(problems)
                .containsExactly("Mail.noTask has no @Task annotation; add it, or pass the name of a task instead");
    }

    @Test
    void a_configuration_error_lists_every_problem() {
        ConfigurationException error = new ConfigurationException("TaskQueue", List.of("first", "second"));

        assertThat(error).hasMessage("TaskQueue cannot be built, 2 problems:\n  - first\n  - second");
        assertThat(error.problems()).containsExactly("first", "second");
        assertThat(new ConfigurationException("TaskQueue", List.of("one")))
                .hasMessage("TaskQueue cannot be built, 1 problem:\n  - one");
    }
}
