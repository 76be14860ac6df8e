package io.tidemill.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The promise that the compiler checks a call: what must compile, and what must not, and that it says why. */
class TypedCallsCompileTest {

    private static final int MOST_ARGUMENTS = 8;
    /** More go through {@code task}. */
    private static final int MOST_AT_ONCE = 4;

    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();
    /** Reads the class path once for all snippets. */
    private static final StandardJavaFileManager FILES = COMPILER.getStandardFileManager(null, null, null);

    @TempDir
    static Path classes;

    @AfterAll
    static void close() throws IOException {
        FILES.close();
    }

    private static final String HEAD = """
        import static io.tidemill.client.Call.call;
        import static io.tidemill.client.Call.item;
        import static io.tidemill.client.TaskRef.batch;
        import static io.tidemill.client.TaskRef.task;
        import io.tidemill.client.*;
        import io.tidemill.task.Batch;
        import io.tidemill.task.Task;
        import java.time.Duration;
        import java.util.*;
        import java.util.concurrent.CompletableFuture;
        import java.util.concurrent.CompletionStage;

        class Snippet {
            record Receipt(String to) {}

            static class Mail {
                @Task public Receipt send(String to, String subject) { return new Receipt(to); }
                @Task public void archive(long id) {}
                @Task public int count() { return 1; }
                @Task public void ping() {}
                @Task public List<Receipt> all(List<String> to, Map<String, Integer> weights) { return List.of(); }
                @Task public void five(long a, long b, long c, long d, long e) {}
                @Task public void checked(String text) throws java.io.IOException {}
                @Task public Object wide(Object value) { return value; }
                @Task public CompletableFuture<Receipt> sendLater(String to) { return null; }
                @Task public CompletionStage<Integer> countLater() { return null; }
                @Task public CompletableFuture<Void> archiveLater(long id) { return null; }
                @Task public CompletionStage<List<Receipt>> allLater(List<String> to, long after) { return null; }
                @Task public void sendAll(Batch<Receipt> batch) {}
                @Task public void weighAll(Batch.WithResults<String, Integer> batch) { batch.each(String::length); }
                @Task public void two(String text) {}
                @Task public void two(int number) {}
            }

            interface Greetings {
                @Task String greet(String name);
            }

            static class English implements Greetings {
                @Override public String greet(String name) { return name; }
            }

            void run(TaskClient queue, Mail mail) throws Exception {
                %s
            }
        }
        """;

    /** The errors that the compiler finds in this method body. */
    private List<Diagnostic<? extends JavaFileObject>> compile(String body) {
        return compileSource(HEAD.replace("%s", body));
    }

    private List<Diagnostic<? extends JavaFileObject>> compileSource(String source) {
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        JavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///Snippet.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> options =
                List.of("-classpath", classPath, "-d", classes.toString(), "-proc:none", "-Xmaxerrs", "1000");
        boolean compiled = COMPILER.getTask(null, FILES, found, options, null, List.of(file))
                .call();
        List<Diagnostic<? extends JavaFileObject>> errors = found.getDiagnostics().stream()
                .<Diagnostic<? extends JavaFileObject>>map(each -> each)
                .filter(each -> each.getKind() == Diagnostic.Kind.ERROR)
                .toList();
        assertThat(compiled).as("errors %s", errors).isEqualTo(errors.isEmpty());
        return errors;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "JobHandle<Receipt> job = queue.enqueue(Mail::send, \"ada\", \"hello\");",
                "Receipt receipt = queue.enqueue(Mail::send, \"ada\", \"hello\").await(Duration.ofSeconds(1));",
                "JobHandle<Void> job = queue.enqueue(Mail::archive, 42L);",
                "JobHandle<Integer> job = queue.enqueue(Mail::count);",
                "int count = queue.enqueue(Mail::count).await(Duration.ofSeconds(1));",
                "JobHandle<Void> job = queue.enqueue(Mail::ping);",
                "JobHandle<List<Receipt>> job = queue.enqueue(Mail::all, List.of(\"a\"), Map.of(\"a\", 1));",
                "var job = queue.enqueue(Mail::all, List.of(), Map.of()); List<Receipt> all = job.result().get();",
                "JobHandle<Void> job = queue.enqueue(Mail::checked, \"text\");",
                "JobHandle<Receipt> job = queue.enqueue(Mail::sendLater, \"ada\");",
                "Receipt receipt = queue.enqueue(Mail::sendLater, \"ada\").await(Duration.ofSeconds(1));",
                "int count = queue.enqueue(Mail::countLater).await(Duration.ofSeconds(1));",
                "JobHandle<Void> job = queue.enqueue(Mail::archiveLater, 42L);",
                "Call<List<Receipt>> call = call(Mail::allLater, List.of(\"a\"), 1L).delay(Duration.ofHours(1));",
                "TaskRef.Of1<String, Receipt> send = task(Mail::sendLater); Call<Receipt> call = send.call(\"a\");",
                "JobHandle<Integer> job = queue.job(task(Mail::countLater), \"id\");",
                "JobHandle<Void> job = queue.enqueue(item(Mail::sendAll, new Receipt(\"ada\")));",
                "JobHandle<Integer> job = queue.enqueue(item(Mail::weighAll, \"ada\").priority(8));",
                "TaskRef.Of1<Receipt, Void> send = batch(Mail::sendAll); send.call(new Receipt(\"ada\"));",
                "int weight = queue.job(batch(Mail::weighAll), \"id\").await(Duration.ofSeconds(1));",
                "JobHandle<Object> job = queue.enqueue(Mail::wide, \"anything\");",
                "JobHandle<String> job = queue.enqueue(Greetings::greet, \"Ada\");",
                "JobHandle<String> job = queue.enqueue(English::greet, \"Ada\");",
                "JobHandle<Object> job = queue.enqueue(\"send\", \"ada\", 1, null);",
                "Call<Receipt> later = call(Mail::send, \"ada\", \"hello\").delay(Duration.ofHours(1)).priority(8);",
                "JobHandle<Receipt> job = queue.enqueue(call(Mail::send, \"ada\", \"hello\").id(\"7\").queue(\"q\"));",
                "JobHandle<Void> job = queue.enqueue(call(Mail::ping).maxAttempts(3));",
                "CompletableFuture<JobHandle<Receipt>> job = queue.enqueueAsync(call(Mail::send, \"a\", \"b\"));",
                "CompletableFuture<Receipt> done = queue.enqueue(Mail::send, \"a\", \"b\").completion();",
                "JobHandle<Receipt> job = queue.enqueue(Mail::send, null, null);",
                "TaskRef.Of2<String, String, Receipt> send = task(Mail::send); Call<Receipt> call = send.call(\"a\","
                        + " \"b\");",
                "TaskRef.Of1<Long, Void> archive = task(Mail::archive); TaskRef<Void> any = archive;",
                "JobHandle<Void> job = queue.enqueue(task(Mail::archive).call(42L));",
                "JobHandle<Integer> job = queue.enqueue(task(Mail::count).call().priority(8));",
                "JobHandle<Receipt> job = queue.job(task(Mail::send), \"id\");",
                "JobHandle<Receipt> job = queue.job(task(Mail::send), \"other-queue\", \"id\");",
                "List<Call<Receipt>> calls = List.of(); List<JobHandle<Receipt>> jobs = queue.enqueueAll(calls);",
                "List<JobHandle<Receipt>> jobs = queue.enqueueAll(List.of(call(Mail::send, \"a\", \"b\")));",
                "List<Call<?>> calls = List.of(); List<JobHandle<Object>> jobs = queue.enqueueAll(calls);",
                "queue.enqueueAll(List.of(call(Mail::ping), call(Mail::count)));",
                "queue.enqueueAll(List.of(call(Mail::count)).stream(), job -> { int n = job.result().get(); });",
                "queue.enqueueAll(List.of(call(Mail::count)).stream()).stored();",
                "PreparedJob job = queue.prepare(call(Mail::ping)); JobHandle<Object> stored = queue.enqueue(job);",
                "List<JobHandle<Object>> jobs = queue.enqueueAll(List.of(PreparedJob.fromBytes(new byte[0])));"
            })
    void a_call_that_fits_compiles(String body) {
        assertThat(compile(body)).isEmpty();
    }

    /** What must not compile, and how javac's message begins. Behind {@code enqueue} it goes on for some 80 lines. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "an argument of the wrong type     | queue.enqueue(Mail::send, \"ada\", 7);             | no suitable"
                        + " method found for enqueue(Mail::send,String,int)",
                "an int where a long belongs       | queue.enqueue(Mail::archive, 7);                   | no suitable"
                        + " method found for enqueue(Mail::archive,int)",
                "a boolean where a number belongs  | queue.enqueue(Mail::archive, \"\".isEmpty());      | no suitable"
                        + " method found for enqueue(Mail::archive,boolean)",
                "a list of something else          | List<Integer> a = List.of(); queue.enqueue(Mail::all, a,"
                        + " Map.of()); | no suitable method found for enqueue(Mail::all,List<Integer>,Map<Object,Object>)",
                "one argument too few              | queue.enqueue(Mail::send, \"ada\");                | no suitable"
                        + " method found for enqueue(Mail::send,String)",
                "one argument too many             | queue.enqueue(Mail::send, \"ada\", \"b\", \"c\");  | no suitable"
                        + " method found for enqueue(Mail::send,String,String,String)",
                "an argument where there is none   | queue.enqueue(Mail::ping, 1);                      | no suitable"
                        + " method found for enqueue(Mail::ping,int)",
                "five arguments at once            | queue.enqueue(Mail::five, 1L, 2L, 3L, 4L, 5L);     | no suitable"
                        + " method found for enqueue(Mail::five,long,long,long,long,long)",
                "a method that is not there        | queue.enqueue(Mail::sent, \"ada\", \"hello\");     | invalid"
                        + " method reference",
                "a method of an object             | queue.enqueue(mail::send, \"ada\", \"hello\");     | no suitable"
                        + " method found for enqueue(mail::send,String,String)",
                "an overloaded method              | queue.enqueue(Mail::two, \"text\");                | reference to"
                        + " enqueue is ambiguous",
                "a handle of the stage itself      | JobHandle<CompletionStage<Integer>> job ="
                        + " queue.enqueue(Mail::countLater); | incompatible types: inference variable R has incompatible",
                "an async task's wrong argument    | queue.enqueue(Mail::sendLater, 7);                | no suitable"
                        + " method found for enqueue(Mail::sendLater,int)",
                "a batch in place of an item       | queue.enqueue(call(Mail::sendAll, new Receipt(\"a\")));  |"
                        + " no suitable method found for call(Mail::sendAll,Receipt)",
                "an item of another type           | queue.enqueue(item(Mail::weighAll, 7));            | no suitable"
                        + " method found for item(Mail::weighAll,int)",
                "an item's result of another type  | JobHandle<String> job = queue.enqueue(item(Mail::weighAll,"
                        + " \"a\")); | incompatible types: inference variable R has incompatible",
                "a handle of another result        | JobHandle<String> job = queue.enqueue(Mail::send, \"a\", \"b\");"
                        + " | incompatible types: inference variable R has incompatible bounds",
                "a handle of a result there is not | JobHandle<String> job = queue.enqueue(Mail::ping); | incompatible"
                        + " types: no instance(s) of type variable(s) T exist so that JobHandle<Void> conforms to"
                        + " JobHandle<String>",
                "a result of another type          | String text = queue.enqueue(Mail::send, \"a\","
                        + " \"b\").await(Duration.ZERO); | incompatible types: Receipt cannot be converted to String",
                "a job of another type             | JobHandle<String> job = queue.job(task(Mail::send), \"id\"); |"
                        + " incompatible types: inference variable R has incompatible bounds",
                "a call of another type            | Call<String> call = call(Mail::send, \"a\", \"b\"); |"
                        + " incompatible types: inference variable R has incompatible bounds",
                "handles of another result         | List<JobHandle<String>> all ="
                        + " queue.enqueueAll(List.of(call(Mail::count))); | incompatible types"
            })
    void a_call_that_does_not_fit_does_not_compile_and_says_why(String what, String body, String first) {
        assertThat(compile(body))
                .as(what)
                .isNotEmpty()
                .first()
                .satisfies(error -> assertThat(lines(error).get(0)).startsWith(first));
    }

    /** What must not compile behind {@code task}, and javac's message without the line of code. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "an argument of the wrong type     | task(Mail::send).call(\"ada\", 7);           | incompatible"
                        + " types: int cannot be converted to String",
                "an int where a long belongs       | task(Mail::archive).call(7);                 | incompatible"
                        + " types: int cannot be converted to Long",
                "a boolean where a number belongs  | task(Mail::archive).call(\"\".isEmpty());    | incompatible"
                        + " types: boolean cannot be converted to Long",
                "a list of something else          | List<Integer> a = List.of(); task(Mail::all).call(a, Map.of()); |"
                        + " incompatible types: List<Integer> cannot be converted to List<String>",
                "the last of five                  | task(Mail::five).call(1L, 2L, 3L, 4L, \"5\"); | incompatible"
                        + " types: String cannot be converted to Long",
                "an async task's wrong argument    | task(Mail::sendLater).call(7);               | incompatible"
                        + " types: int cannot be converted to String",
                "a call of another type            | Call<String> call = task(Mail::send).call(\"a\", \"b\"); |"
                        + " incompatible types: Call<Receipt> cannot be converted to Call<String>"
            })
    void behind_task_what_does_not_fit_is_said_in_one_line(String what, String body, String message) {
        assertThat(compile(body))
                .as(what)
                .singleElement()
                .satisfies(error -> assertThat(lines(error)).containsExactly(message));
    }

    @ParameterizedTest
    @ValueSource(strings = {"task(Mail::send).call(\"ada\");", "task(Mail::send).call(\"ada\", \"b\", \"c\");"})
    void behind_task_a_wrong_number_of_arguments_shows_what_is_required_and_what_was_found(String body) {
        assertThat(compile(body))
                .singleElement()
                .satisfies(error -> assertThat(lines(error))
                        .hasSizeLessThan(10)
                        .anyMatch(line -> line.contains("required: String,String"))
                        .anyMatch(line -> line.contains("found: ")));
    }

    /** The message, names without packages, as on a terminal. */
    private static List<String> lines(Diagnostic<? extends JavaFileObject> error) {
        return error.getMessage(Locale.ENGLISH)
                .replaceAll("\\b([a-z]+\\.)+(?=[A-Z])|Snippet\\.", "")
                .lines()
                .toList();
    }

    @Test
    void a_wrong_result_is_explained_in_words() {
        assertThat(compile("JobHandle<String> job = queue.enqueue(Mail::send, \"a\", \"b\");"))
                .singleElement()
                .extracting(error -> error.getMessage(Locale.ENGLISH))
                .asString()
                .contains("incompatible types", "String", "Receipt");
    }

    @Test
    void every_number_of_arguments_up_to_eight_compiles() {
        assertThat(compileSource(manyArguments(false))).isEmpty();
    }

    @Test
    void every_number_of_arguments_is_checked_in_its_last_place() {
        // One error for each call that takes arguments: with a result, without, and async, and for each way to write
        // it.
        assertThat(compileSource(manyArguments(true))).hasSize(MOST_AT_ONCE * 6 + MOST_ARGUMENTS * 3);
    }

    private static String manyArguments(boolean wrong) {
        StringBuilder tasks = new StringBuilder();
        StringBuilder calls = new StringBuilder();
        for (int n = 0; n <= MOST_ARGUMENTS; n++) {
            String parameters =
                    IntStream.range(0, n).mapToObj(i -> "Long a" + i).collect(Collectors.joining(", "));
            int last = n - 1;
            String arguments = IntStream.range(0, n)
                    .mapToObj(i -> wrong && i == last ? "\"x\"" : i + "L")
                    .collect(Collectors.joining(", "));
            tasks.append("""
                public String value%1$d(%2$s) { return ""; }
                public void nothing%1$d(%2$s) {}
                public java.util.concurrent.CompletableFuture<String> later%1$d(%2$s) { return null; }
                """.formatted(n, parameters));
            calls.append("""
                Call<String> e%1$d = TaskRef.task(Tasks::value%1$d).call(%2$s);
                Call<Void> f%1$d = TaskRef.task(Tasks::nothing%1$d).call(%2$s);
                Call<String> g%1$d = TaskRef.task(Tasks::later%1$d).call(%2$s);
                """.formatted(n, arguments));
            if (n <= MOST_AT_ONCE) {
                calls.append("""
                    JobHandle<String> a%1$d = queue.enqueue(Tasks::value%1$d%2$s);
                    JobHandle<Void> b%1$d = queue.enqueue(Tasks::nothing%1$d%2$s);
                    Call<String> c%1$d = Call.call(Tasks::value%1$d%2$s);
                    Call<Void> d%1$d = Call.call(Tasks::nothing%1$d%2$s);
                    JobHandle<String> h%1$d = queue.enqueue(Tasks::later%1$d%2$s);
                    Call<String> i%1$d = Call.call(Tasks::later%1$d%2$s);
                    """.formatted(n, n == 0 ? "" : ", " + arguments));
            }
        }
        return "import io.tidemill.client.*;\nclass Snippet {\nstatic class Tasks {\n" + tasks
                + "}\nvoid run(TaskClient queue) {\n" + calls + "}\n}\n";
    }
}
