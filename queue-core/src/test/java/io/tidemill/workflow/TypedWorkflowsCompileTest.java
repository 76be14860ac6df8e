package io.tidemill.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The promise that the compiler checks the edges of a workflow, and that the first line of its error says what is
 * wrong.
 */
class TypedWorkflowsCompileTest {

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
        import static io.tidemill.workflow.Workflow.*;
        import io.tidemill.client.*;
        import io.tidemill.task.Task;
        import io.tidemill.workflow.*;
        import java.time.Duration;
        import java.util.*;
        import java.util.concurrent.CompletionStage;

        class Snippet {
            record Order(long id) {}
            record Price(int cents) {}
            record Hold(String shelf) {}
            record Receipt(String text) {}

            static class Orders {
                @Task public Order load(long id) { return new Order(id); }
                @Task public Price price(Order order) { return new Price(1); }
                @Task public Price discount(Order order, int percent) { return new Price(1); }
                @Task public CompletionStage<Hold> reserve(Order order) { return null; }
                @Task public Receipt charge(Price price, Hold hold) { return new Receipt(""); }
                @Task public void archive(Receipt receipt) {}
                @Task public Price total(List<Price> all) { return new Price(1); }
                @Task public Price any(Collection<Price> all) { return new Price(1); }
                @Task public boolean isLarge(Order order) { return true; }
                @Task public void clean() {}
                @Task public Receipt five(Order a, Price b, Hold c, Receipt d, String e) { return d; }
            }

            void run(WorkflowClient queue) throws Exception {
                %s
            }
        }
        """;

    private static List<Diagnostic<? extends JavaFileObject>> compile(String body) {
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        JavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///Snippet.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return HEAD.replace("%s", body);
                    }
                };
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> options = List.of("-classpath", classPath, "-d", classes.toString(), "-proc:none");
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
                "WorkflowHandle<Price> h = queue.start(chain(call(Orders::load, 1L)).then(Orders::price));",
                "Price p = queue.start(chain(call(Orders::load,"
                        + " 1L)).then(Orders::price)).await(Duration.ofSeconds(1));",
                "Workflow<Price> w = chain(call(Orders::load, 1L)).then(Orders::discount, 5);",
                "Workflow<Hold> w = chain(call(Orders::load, 1L)).then(Orders::reserve);",
                "Workflow<Void> w = chain(call(Orders::load, 1L)).thenRun(call(Orders::clean));",
                "Workflow<List<Order>> w = group(call(Orders::load, 1L), call(Orders::load, 2L));",
                "Workflow<List<Order>> w = group(List.of(call(Orders::load, 1L)));",
                "Workflow<List<Object>> w = Workflow.<Object>group(call(Orders::load, 1L), call(Orders::clean));",
                "Workflow<Price> w = workflow(\"w\", b -> { Step<Order> o = b.step(call(Orders::load, 1L));"
                        + " return b.step(Orders::total, b.all(b.step(Orders::price, o), o.then(Orders::price))); });",
                "Workflow<Price> w = workflow(\"w\", b -> b.step(Orders::any, b.all(List.of("
                        + "b.step(call(Orders::load, 1L)).then(Orders::price)))));",
                "Workflow<Receipt> w = workflow(\"w\", b -> { Step<Order> o = b.step(call(Orders::load, 1L));"
                        + " Step<Price> p = b.step(Orders::price, o); Step<Hold> h = b.step(Orders::reserve, o);"
                        + " return b.step(Orders::charge, p, h); });",
                "Workflow<Receipt> w = workflow(\"w\", b -> { Step<Order> o = b.step(call(Orders::load, 1L));"
                        + " Step<Price> p = b.step(Orders::price, o); Step<Hold> h = b.step(Orders::reserve, o);"
                        + " Step<Receipt> r = b.step(Orders::charge, p, h);"
                        + " return b.step(Orders::five, o, p, h, r, b.value(\"x\")); });",
                "Workflow<Order> w = workflow(\"w\", b -> { Step<Order> o = b.step(call(Orders::load, 1L));"
                        + " Step<Boolean> large = b.step(Orders::isLarge, o);"
                        + " b.step(call(Orders::clean)).when(large).named(\"clean\"); return o; });",
                "Workflow<Void> w = workflow(\"w\", b -> b.include(\"a\", chain(call(Orders::load, 1L)))"
                        + ".then(Orders::price).thenRun(call(Orders::clean)));",
                "Workflow<List<Price>> w = workflow(\"w\", b -> { Step<Order> o = b.step(call(Orders::load, 1L));"
                        + " Step<List<Order>> all = b.all(o, o); return b.map(Orders::price, all); });",
                "Workflow<List<Hold>> w = workflow(\"w\", b -> b.map(Orders::reserve,"
                        + " b.all(b.step(call(Orders::load, 1L)))));",
                "Workflow<Object> w = chain(Call.named(\"load\", 1));"
            })
    void what_fits_compiles(String body) {
        assertThat(compile(body)).isEmpty();
    }

    /** What must not compile, and how javac's first message begins. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a next step that takes something else | chain(call(Orders::load, 1L)).then(Orders::archive); |"
                        + " no suitable method found for then(Orders::archive)",
                "a next step that takes two            | chain(call(Orders::load, 1L)).then(Orders::charge); |"
                        + " no suitable method found for then(Orders::charge)",
                "one more argument of a wrong type     | chain(call(Orders::load, 1L)).then(Orders::discount, \"5\"); |"
                        + " no suitable method found for then(Orders::discount,String)",
                "a list where one is taken             | group(call(Orders::load, 1L)).then(Orders::price); |"
                        + " no suitable method found for then(Orders::price)",
                "one where a list is taken             | chain(call(Orders::load, 1L)).then(Orders::total); |"
                        + " no suitable method found for then(Orders::total)",
                "a join in the wrong order             | workflow(\"w\", b -> { Step<Order> o ="
                        + " b.step(call(Orders::load, 1L)); return b.step(Orders::charge, b.step(Orders::reserve, o),"
                        + " b.step(Orders::price, o)); }); | no suitable method found for"
                        + " step(Orders::charge,Step<Hold>,Step<Price>)",
                "a join that lacks an input            | Step<Price> p = null; WorkflowBuilder b = null;"
                        + " b.step(Orders::charge, p); | no suitable method found for step(Orders::charge,Step<Price>)",
                "a join of a wrong step                | Step<Price> p = null; WorkflowBuilder b = null;"
                        + " b.step(Orders::charge, p, p); | no suitable method found for"
                        + " step(Orders::charge,Step<Price>,Step<Price>)",
                "a map over what is no list            | Step<Order> o = null; WorkflowBuilder b = null;"
                        + " b.map(Orders::price, o); | no suitable method found for map(Orders::price,Step<Order>)",
                "a map of another element              | Step<List<Price>> p = null; WorkflowBuilder b = null;"
                        + " b.map(Orders::price, p); | no suitable method found for map(Orders::price,Step<List<Price>>)",
                "a condition that is no boolean        | Step<Price> p = null; p.when(p); | incompatible types:"
                        + " Step<Price> cannot be converted to Step<Boolean>",
                "a handle of another result            | WorkflowHandle<Order> h ="
                        + " queue.start(chain(call(Orders::load, 1L)).then(Orders::price)); | incompatible types:",
                "a workflow that returns no step       | workflow(\"w\", b -> \"text\"); | incompatible types:"
            })
    void what_does_not_fit_does_not_compile_and_says_why(String what, String body, String first) {
        assertThat(compile(body))
                .as(what)
                .isNotEmpty()
                .first()
                .satisfies(error -> assertThat(lines(error).get(0)).startsWith(first));
    }

    /** The message, names without packages, as on a terminal. */
    private static List<String> lines(Diagnostic<? extends JavaFileObject> error) {
        return error.getMessage(Locale.ENGLISH)
                .replaceAll("\\b([a-z]+\\.)+(?=[A-Z])|Snippet\\.", "")
                .lines()
                .toList();
    }
}
