package io.tidemill.badinput;

import static io.tidemill.client.Call.call;
import static io.tidemill.client.Call.named;
import static io.tidemill.workflow.Workflow.chain;
import static io.tidemill.workflow.Workflow.workflow;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.broker.partition.PartitionedBroker;
import io.tidemill.client.Call;
import io.tidemill.client.ClientOptions;
import io.tidemill.client.TaskRef;
import io.tidemill.message.JsonPayloadCodec;
import io.tidemill.message.SealKey;
import io.tidemill.redis.PreflightMode;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisOptions;
import io.tidemill.redis.RedisResultBackend;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.task.Batch;
import io.tidemill.task.BatchSize;
import io.tidemill.task.Retry;
import io.tidemill.task.Secret;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskSignal;
import io.tidemill.task.Upcaster;
import io.tidemill.task.WorkerOptions;
import io.tidemill.test.TestContext;
import io.tidemill.test.redis.RedisServer;
import io.tidemill.text.Durations;
import io.tidemill.workflow.Step;
import io.tidemill.workflow.WorkflowBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/**
 * What a user may do wrong, row by row of the table "Bad input gets a clear error, and nothing is lost" of the design,
 * done for real, and what each error must say. Long, because it is one table.
 */
final class BadInput {

    /** Does something wrong and throws what the user gets. */
    interface Wrong {
        void act() throws Throwable;
    }

    /**
     * One mistake.
     *
     * @param row the row of the table
     * @param title what the user did, unique
     * @param wrong does it
     * @param says what the message must hold: what, the value, the limit, the remedy
     */
    record Case(String row, String title, Wrong wrong, List<String> says) {

        /** What the user gets; fails if nothing goes wrong. */
        Throwable provoke() {
            try {
                wrong.act();
            } catch (Throwable t) {
                return t;
            }
            throw new AssertionError(title + " was let pass");
        }

        @Override
        public String toString() {
            return row + ": " + title;
        }
    }

    static final String PASSWORD = "hush-7c1f";
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration TOO_LONG = Durations.MAX.plusMillis(1);

    private final List<Case> cases = new ArrayList<>();

    private BadInput() {}

    /** Every mistake, in the order of the table. */
    static List<Case> all() {
        BadInput all = new BadInput();
        all.connection();
        all.gone();
        all.payload();
        all.result();
        all.steps();
        all.workflows();
        all.references();
        all.taskNames();
        all.undecodable();
        all.names();
        all.numbers();
        all.configuration();
        all.redis();
        all.classNames();
        all.wrongTime();
        return List.copyOf(all.cases);
    }

    private void add(String row, String title, Wrong wrong, String... says) {
        cases.add(new Case(row, title, wrong, List.of(says)));
    }

    // Tasks

    record Order(long number, String customer) {}

    /** Refers to itself. */
    public static final class Node {
        public final Node self = this;
    }

    public static class Mail {

        @Task(name = "send_email", queue = "mail")
        public String sendEmail(String to, int priority) {
            return to;
        }

        @Task(queue = "mail")
        public void archive(Order order) {}

        @Task(queue = "mail")
        public void node(Node node) {}

        @Task(queue = "mail")
        public void anything(Object value) {}

        @Task(queue = "mail")
        public String huge() {
            return "x".repeat(2 << 20);
        }

        @Task(queue = "mail")
        public Node loop() {
            return new Node();
        }

        @Task(queue = "mail", retry = @Retry(maxAttempts = 1))
        public String broken() {
            throw new IllegalStateException("smtp.example.com said 550");
        }

        @Task(queue = "mail")
        public void withdrawn() {
            throw new TaskSignal.Cancel("withdrawn");
        }

        @Task(queue = "mail", timeout = "100ms", retry = @Retry(maxAttempts = 1))
        public void slow() throws InterruptedException {
            new CountDownLatch(1).await();
        }

        @Task(queue = "mail", retry = @Retry(maxAttempts = 2, delay = "1ms"))
        public void turns() {
            TaskContext context = TaskContext.current();
            context.step(context.attempt() == 1 ? "charge" : "reserve", () -> {});
            throw new IllegalStateException("every time");
        }

        @Task(queue = "mail")
        public void hoards() {
            TaskContext.current().step("page", String.class, () -> "x".repeat(300_000));
        }

        @Task(queue = "mail")
        public void countless() {
            for (int i = 0; i <= 1000; i++) {
                TaskContext.current().step("row", () -> {});
            }
        }

        public void notATask() {}

        public static void helper(Mail mail) {}
    }

    public static class Twice {
        @Task(name = "send_email")
        public void other() {}
    }

    public static class Renamed {
        @Task(
                name = "now",
                aliases = {"send_email", "before", "now"})
        public void now() {}

        @Task(name = "later", aliases = "before")
        public void later() {}
    }

    public static class Shown {
        @Task(name = "ship", group = "to:{0}")
        public void ship(@Secret String to) {}
    }

    public static class Shipping {
        @Task(name = "ship", version = 3)
        public void ship(String to) {}
    }

    public static class Together {
        @Task
        public void sendAll(Batch<String> batch) {}
    }

    public static class WrongBatches {
        @Task(batch = @BatchSize(max = 5_000, within = "1d"))
        public void large(Batch<String> batch) {}

        @Task
        public void mixed(Batch<String> batch, String subject) {}

        @Task
        public List<String> returning(Batch<String> batch) {
            return batch.values();
        }

        @Task(batch = @BatchSize(max = 2))
        public void alone(String text) {}
    }

    public static class Wrongs {
        @Task(name = "bad name")
        public void named() {}

        @Task(queue = "{curly}")
        public void queued() {}

        @Task(priority = 10)
        public void important() {}

        @Task(timeout = "soon")
        public void soon() {}

        @Task(timeout = "0s")
        public void never() {}

        @Task(resultTtl = "11y")
        public void kept() {}

        @Task(resultTtl = "4000d")
        public void keptLong() {}

        @Task(retry = @Retry(maxAttempts = 0))
        public void untried() {}

        @Task(retry = @Retry(multiplier = 0.5))
        public void shrinking() {}

        @Task(retry = @Retry(delay = "-1s"))
        public void early() {}
    }

    public static class Shapes {
        @Task
        public void overloaded() {}

        @Task
        public void overloaded(String text) {}

        @Task
        private void hidden() {}

        @Task
        public static void shared() {}

        @Task
        public void wide(int a, int b, int c, int d, int e, int f, int g, int h, int i) {}
    }

    public static class Empty {}

    private static TaskQueue memory(Object... tasks) {
        return TaskQueue.builder().tasks(tasks).start();
    }

    private static void with(TaskQueueBuilder builder, Use use) throws Throwable {
        try (TaskQueue queue = builder.start()) {
            use.with(queue);
        }
    }

    private static void with(Use use) throws Throwable {
        with(TaskQueue.builder().tasks(new Mail()), use);
    }

    private interface Use {
        void with(TaskQueue queue) throws Throwable;
    }

    // Rows

    private void connection() {
        String row = "no connection at start";
        add(
                row,
                "Redis is not there",
                () -> {
                    RedisServer gone = RedisServer.start();
                    gone.close();
                    TaskQueue.builder()
                            .broker(RedisBroker.connect("redis://user:" + PASSWORD + "@127.0.0.1:" + gone.port()))
                            .start();
                },
                "127.0.0.1:",
                "within 5 s (connectTimeout)",
                "Connection refused",
                "check that Redis runs there",
                "lazyConnect");
        add(
                row,
                "Redis does not answer",
                () -> {
                    try (RedisServer silent = RedisServer.start()) {
                        silent.stop();
                        RedisOptions hasty = RedisOptions.defaults().withConnectTimeout(Duration.ofMillis(200));
                        TaskQueue.builder()
                                .broker(RedisBroker.connect(
                                        "redis://user:" + PASSWORD + "@127.0.0.1:" + silent.port(), hasty))
                                .start();
                    }
                },
                "127.0.0.1:",
                "within 200 ms (connectTimeout)",
                "lazyConnect");
        add(
                row,
                "the password is wrong",
                () -> {
                    try (RedisServer server = RedisServer.start()) {
                        on(server, redis -> redis.sync().configSet("requirepass", "right"));
                        TaskQueue.builder()
                                .broker(RedisBroker.connect("redis://:" + PASSWORD + "@127.0.0.1:" + server.port()))
                                .start();
                    }
                },
                "127.0.0.1:",
                "WRONGPASS",
                "check user and password");
        add(
                row,
                "the address is no address",
                () -> RedisBroker.connect("http://user:" + PASSWORD + "@host:6379"),
                "must look like redis://host:6379");
        add(
                row,
                "the results' Redis is not there",
                () -> {
                    RedisServer gone = RedisServer.start();
                    gone.close();
                    TaskQueue.builder()
                            .results(RedisResultBackend.connect(
                                    "redis://user:" + PASSWORD + "@127.0.0.1:" + gone.port()))
                            .start();
                },
                "127.0.0.1:",
                "connectTimeout");
    }

    private void gone() {
        add(
                "Redis gone while running",
                "Redis went away and a job is enqueued",
                () -> {
                    RedisServer server = RedisServer.start();
                    RedisOptions hasty = RedisOptions.defaults()
                            .withRequestTimeout(Duration.ofMillis(500))
                            .withCommandTimeout(Duration.ofMillis(200));
                    with(TaskQueue.builder().broker(RedisBroker.connect(server.uri(), hasty)), queue -> {
                        server.close();
                        queue.enqueue("send_email", "ada@example.com", 1);
                    });
                },
                "127.0.0.1:",
                "enqueue on queue default",
                "within 500 ms (requestTimeout)",
                "asking again with the same ids is safe");
    }

    private void payload() {
        String row = "payload";
        add(
                row,
                "an argument that refers to itself",
                () -> with(queue -> queue.enqueue(Mail::node, new Node())),
                "task \"node\" was not enqueued",
                "argument 0",
                Node.class.getName(),
                "pass a record, a bean or an id instead");
        add(
                row,
                "an argument that is no data",
                () -> with(queue -> queue.enqueue(Mail::anything, new Object())),
                "task \"anything\" was not enqueued",
                "argument 0",
                "java.lang.Object");
        add(
                row,
                "an argument that is too large",
                () -> with(
                        TaskQueue.builder().tasks(new Mail()).maxPayloadBytes(1000),
                        queue -> queue.enqueue(Mail::sendEmail, "x".repeat(1000), 1)),
                "task \"send_email\" was not enqueued",
                "the limit is 1,000 (maxPayloadBytes)",
                "argument 0 with 1,004 bytes",
                "Store it elsewhere");
        add(
                row,
                "too few arguments by name",
                () -> with(queue -> queue.enqueue("send_email", "ada@example.com")),
                "the task takes 2 arguments, the job has 1",
                "Mail.sendEmail(String, int)");
        add(
                row,
                "an argument of the wrong type by name",
                () -> with(queue -> queue.enqueue("send_email", "ada@example.com", "high")),
                "argument 1 does not fit int",
                "Mail.sendEmail(String, int)");
        add(
                row,
                "null for a primitive by name",
                () -> with(queue -> queue.enqueue("send_email", "ada@example.com", null)),
                "argument 1 is null but the task takes int");
        add(
                row,
                "too many headers",
                () -> {
                    Call<String> call = call(Mail::sendEmail, "a", 1);
                    for (int i = 0; i < 33; i++) {
                        call = call.header("h" + i, "v");
                    }
                },
                "at most 32 headers",
                "33");
        add(
                row,
                "a header that is too long",
                () -> call(Mail::sendEmail, "a", 1).header("tenant", "x".repeat(2049)),
                "header tenant",
                "2048",
                "2049");
        add(
                row,
                "a mapper that lets payloads name classes",
                () -> new JsonPayloadCodec(JsonMapper.builder()
                        .activateDefaultTyping(BasicPolymorphicTypeValidator.builder()
                                .allowIfBaseType(Object.class)
                                .build())
                        .build()),
                "default typing",
                "turn it off");
    }

    private void result() {
        String row = "result";
        add(
                row,
                "a result that is too large",
                () -> with(queue -> queue.enqueue(Mail::huge).await(SOON)),
                "task \"huge\" ran to its end",
                "the limit is 1,048,576 (maxResultBytes)",
                "store it elsewhere and return a reference");
        add(
                row,
                "a result that cannot be written",
                () -> with(queue -> queue.enqueue(Mail::loop).await(SOON)),
                "task \"loop\" ran to its end",
                "cannot be written as JSON");
        add(
                row,
                "awaiting a job that died",
                () -> with(queue -> queue.enqueue(Mail::broken).await(SOON)),
                "is dead after attempt 1",
                "java.lang.IllegalStateException: smtp.example.com said 550");
        add(
                row,
                "awaiting a job that was cancelled",
                () -> with(queue -> queue.enqueue(Mail::withdrawn).await(SOON)),
                "was cancelled");
        add(
                row,
                "awaiting a job that took too long",
                () -> with(queue -> queue.enqueue(Mail::slow).await(SOON)),
                "timeout of 100 ms");
        add(
                row,
                "awaiting a job that never was",
                () -> with(queue -> queue.job("mail", "no-such-job").await(SOON)),
                "job no-such-job is not known in queue mail");
        add(
                row,
                "awaiting a job for too short",
                () -> {
                    try (TaskQueue queue = memory()) {
                        queue.enqueue("send_email").await(Duration.ZERO);
                    }
                },
                "had not ended after 0 s: it is ready",
                "await it again or cancel it");
    }

    private void steps() {
        String row = "steps";
        add(
                row,
                "a step in another order than in the run before",
                () -> with(queue -> queue.enqueue(Mail::turns).await(SOON)),
                "step \"reserve\" of job",
                "was reached where an earlier run recorded step \"charge\" (number 1)",
                "in the same order in every run");
        add(
                row,
                "a step within a step",
                () -> inJob(context -> context.step("outer", () -> context.step("inner", () -> {}))),
                "step \"inner\" of job job-1 was begun while \"outer\" runs",
                "a job does one after the other");
        add(
                row,
                "a name of a step with a blank",
                () -> inJob(context -> context.step("charge card", () -> {})),
                "step name may hold only A-Z a-z 0-9 . _ : and -",
                "U+0020 at position 6");
        add(
                row,
                "a result of a step that is too large",
                () -> with(queue -> queue.enqueue(Mail::hoards).await(SOON)),
                "step \"page\" is 300,002 bytes",
                "the limit is 262,144",
                "store it elsewhere and record a reference");
        add(
                row,
                "a step after the thousandth",
                () -> with(queue -> queue.enqueue(Mail::countless).await(SOON)),
                "step \"row\" is number 1001",
                "the limit is 1000 steps per job",
                "checkpoint(...)");
        add(
                row,
                "a step after the lease has ended",
                () -> TaskContext.callWith(TestContext.of("job-1").withoutLease(), () -> {
                    TaskContext.current().step("charge", () -> {});
                    return null;
                }),
                "nothing more is recorded of job job-1 by this run",
                "its lease has ended");
        add(
                row,
                "a sleep of more than 10 years",
                () -> inJob(context -> context.sleep("long", TOO_LONG)),
                "must be between 0 and 10 years");
    }

    private static void inJob(Consumer<TaskContext> body) throws Exception {
        TaskContext.callWith(TestContext.of("job-1"), () -> {
            body.accept(TaskContext.current());
            return null;
        });
    }

    private void workflows() {
        String row = "workflows";
        add(
                row,
                "two steps of one name",
                () -> with(queue -> queue.start(workflow("mails", w -> {
                    w.step(call(Mail::sendEmail, "ada@example.com", 1)).named("send");
                    return w.step(call(Mail::sendEmail, "bob@example.com", 1)).named("send");
                }))),
                "two steps have the name \"send\"");
        add(
                row,
                "a step of another workflow",
                () -> workflow("mails", outer -> {
                    Step<String> first = outer.step(call(Mail::sendEmail, "ada@example.com", 1));
                    workflow("inner", inner -> {
                        inner.step(call(Mail::withdrawn));
                        return inner.step(call(Mail::broken)).after(first);
                    });
                    return first;
                }),
                "a step of another workflow",
                "include(...)");
        add(
                row,
                "a step that is added when the workflow is written",
                () -> {
                    List<WorkflowBuilder> kept = new ArrayList<>();
                    workflow("mails", w -> {
                        kept.add(w);
                        return w.step(call(Mail::broken));
                    });
                    kept.get(0).step(call(Mail::broken));
                },
                "this workflow is written",
                "within its function only");
        add(
                row,
                "a step with a unique key",
                () -> with(queue -> queue.start(chain(call(Mail::broken).unique("broken", Duration.ofDays(1))))),
                "step \"broken\" of a workflow cannot have a unique key");
        add(
                row,
                "a step with a time to start at",
                () -> with(queue -> queue.start(chain(call(Mail::broken).at(Instant.parse("2031-01-01T00:00:00Z"))))),
                "step \"broken\" of a workflow cannot have a time to start at",
                "use a delay");
        add(
                row,
                "a step that too many wait for",
                () -> with(queue -> queue.start(workflow("mails", w -> {
                    Step<String> first = w.step(call(Mail::sendEmail, "ada@example.com", 1));
                    for (int i = 0; i < 2000; i++) {
                        w.step(call(Mail::withdrawn)).after(first);
                    }
                    return first;
                }))),
                "others wait for",
                "the limit is 1000",
                "wait for a step in between");
        add(
                row,
                "arguments that are too much together",
                () -> with(queue -> queue.start(workflow("mails", w -> {
                    Step<String> last = w.step(call(Mail::sendEmail, "x".repeat(200_000), 1));
                    for (int i = 0; i < 5; i++) {
                        last = w.step(call(Mail::sendEmail, "x".repeat(200_000), 1));
                    }
                    return last;
                }))),
                "the plan of workflow mails has 7 steps",
                "the limit is 1,000,000 bytes",
                "pass references instead of large arguments");
        add(
                row,
                "a workflow that is not known",
                () -> with(queue -> queue.workflow("mail", "mails:42").await(SOON)),
                "workflow mails:42 is not known in queue mail",
                "not kept any longer");
        add(
                row,
                "a workflow one of whose steps is dead",
                () -> with(queue ->
                        queue.start(chain(call(Mail::broken)).id("mails:42")).await(SOON)),
                "workflow mails:42 has failed",
                "step \"broken\"",
                "is dead",
                "smtp.example.com said 550",
                "retry()");
        add(
                row,
                "a retry of a workflow that has not failed",
                () -> with(queue -> {
                    var handle = queue.start(
                            chain(call(Mail::sendEmail, "ada@example.com", 1)).id("mails:42"));
                    handle.await(SOON);
                    handle.retry();
                }),
                "workflow mails:42 has not failed, it is SUCCEEDED");
        add(
                row,
                "a result of a step that is not there",
                () -> with(queue -> queue.start(chain(call(Mail::sendEmail, "ada@example.com", 1))
                                .id("mails:42"))
                        .result("archive", String.class)),
                "workflow mails:42 has no step \"archive\"");
        add(
                row,
                "a workflow in queues with partitions",
                () -> with(
                        TaskQueue.builder()
                                .broker(PartitionedBroker.of(new MemoryBroker(), Map.of("mail", 2)))
                                .tasks(new Mail()),
                        queue -> queue.start(chain(call(Mail::broken)))),
                "WORKFLOWS");
    }

    private void references() {
        String row = "method reference";
        add(
                row,
                "a lambda",
                () -> with(queue -> queue.enqueue((Mail mail) -> mail.notATask())),
                "a lambda names no task",
                "MailTasks::sendEmail");
        add(
                row,
                "a reference to a static method",
                () -> with(queue -> queue.enqueue(Mail::helper)),
                "helper is a static method",
                "public instance method with @Task");
        add(
                row,
                "a reference to a method that is no task",
                () -> with(queue -> queue.enqueue(Mail::notATask)),
                "Mail.notATask has no @Task annotation");
    }

    private void taskNames() {
        String row = "task name";
        add(
                row,
                "a misspelt task",
                () -> with(queue -> queue.enqueue("send_mail", "a", 1)),
                "no task named \"send_mail\" is registered",
                "did you mean \"send_email\"?",
                "checkTaskNames(false)");
        add(
                row,
                "a task that nobody knows",
                () -> with(queue -> queue.enqueue("reindex_everything")),
                "no task named \"reindex_everything\" is registered",
                "registered are [",
                "send_email",
                "]. To enqueue tasks of other programs, build the queue with checkTaskNames(false).");
    }

    private void undecodable() {
        String row = "payload undecodable at the worker";
        add(row, "a record that is none", () -> died(new byte[] {1, 2, 3}), "the record does not begin with");
        add(
                row,
                "arguments that are no JSON",
                () -> died(record("send_email", "[\"ada@example.com\", ")),
                "the arguments of task \"send_email\" cannot be read",
                "Mail.sendEmail(String, int)");
        add(
                row,
                "arguments of another type",
                () -> died(record("archive", "[[\"no order\"]]")),
                "argument 0 does not fit",
                "Mail.archive(Order)");
        add(
                row,
                "a task that no worker has",
                () -> with(
                        TaskQueue.builder()
                                .tasks(new Mail())
                                .checkTaskNames(false)
                                .worker(WorkerOptions.defaults()
                                        .withMaxUnknownReleases(1)
                                        .withUnknownTaskDelay(Duration.ofMillis(1))),
                        queue -> queue.enqueue(named("send_mail").queue("mail")).await(SOON)),
                "task \"send_mail\" is not registered at this worker (it has \"send_email\")",
                "maxUnknownReleases");
    }

    static byte[] record(String task, String arguments) {
        return ("1 " + task + " 0\n" + arguments).getBytes(StandardCharsets.UTF_8);
    }

    private static void died(byte[] body) throws Throwable {
        MemoryBroker broker = new MemoryBroker();
        with(TaskQueue.builder().broker(broker).tasks(new Mail()), queue -> {
            broker.enqueue("mail", List.of(NewJob.now("order-7", body, 4))).join();
            queue.job("mail", "order-7").await(SOON);
        });
    }

    private void names() {
        String row = "names";
        String rule = "may hold only A-Z a-z 0-9 . _ : and -";
        String printable = "may hold only printable characters";
        add(
                row,
                "a unique key of 257 characters",
                () -> named("a").unique("k".repeat(257)),
                "unique key must have 1 to 256 characters, got 257");
        add(row, "a group with half an emoji", () -> named("a").group("go\uD83D"), "group " + printable, "U+D83D");
        add(row, "an empty queue name", () -> named("a").queue(""), "queue name must have 1 to 128 characters, got 0");
        add(
                row,
                "a queue name of 129 characters",
                () -> named("a").queue("q".repeat(129)),
                "queue name must have 1 to 128 characters, got 129");
        add(row, "a queue name with {", () -> named("a").queue("a{b"), "queue name " + rule, "'{' at position 1");
        add(row, "a queue name with }", () -> named("a").queue("a}"), "queue name " + rule, "'}' at position 1");
        add(row, "a queue name with a blank", () -> named("a").queue("a b"), rule, "U+0020 at position 1");
        add(row, "a task name with a letter of Turkish", () -> named("İstanbul"), "task name " + rule, "U+0130");
        add(row, "a task name with half an emoji", () -> named("go\uD83D\uDE80"), rule, "U+D83D at position 2");
        add(
                row,
                "a job id with a line feed",
                () -> named("a").id("x\n"),
                "job id " + printable,
                "U+000A at position 1");
        add(row, "a job id with NUL", () -> named("a").id("\0"), printable, "U+0000 at position 0");
        add(
                row,
                "a job id that turns the text around",
                () -> named("a").id("a\u202Eb"),
                printable,
                "U+202E at position 1");
        add(row, "a header name with a slash", () -> named("a").header("a/b", "v"), "header name " + rule, "'/'");
        add(
                row,
                "a key prefix with a brace",
                () -> RedisOptions.defaults().withPrefix("shop{1}"),
                "key prefix " + rule,
                "'{' at position 4");
        add(
                row,
                "looking for a job by no id",
                () -> with(queue -> queue.job("mail", "")),
                "job id must have 1 to 256 characters, got 0");
    }

    private void numbers() {
        String row = "numbers and durations";
        add(row, "priority 10", () -> named("a").priority(10), "priority must be 0 (last) to 9 (first), got 10");
        add(row, "priority -1", () -> named("a").priority(-1), "got -1");
        add(
                row,
                "a negative delay",
                () -> named("a").delay(Duration.ofSeconds(-1)),
                "delay must be between 0 and 10 years, got -1 s");
        add(row, "a delay of more than 10 years", () -> named("a").delay(TOO_LONG), "delay must be between 0 and 10");
        add(
                row,
                "the longest delay that Java knows",
                () -> named("a").delay(Duration.ofSeconds(Long.MAX_VALUE)),
                "delay must be between 0 and 10 years");
        add(
                row,
                "a delay and a time",
                () -> named("a").delay(Duration.ofSeconds(1)).at(Instant.EPOCH),
                "either a delay or a time");
        add(
                row,
                "the last instant that Java knows",
                () -> with(queue ->
                        queue.enqueue(call(Mail::archive, new Order(1, "a")).at(Instant.MAX))),
                "at must be within 10 years from now");
        add(
                row,
                "a timeout of nothing",
                () -> named("a").timeout(Duration.ZERO),
                "timeout must be between 1 ms and 10 years, got 0 s");
        add(row, "a timeout that is too long", () -> named("a").timeout(TOO_LONG), "timeout must be between 1 ms");
        add(row, "no attempts", () -> named("a").maxAttempts(0), "maxAttempts must be 1 to 10,000, got 0");
        add(row, "more attempts than there are", () -> named("a").maxAttempts(Integer.MAX_VALUE), "2147483647");
        add(
                row,
                "snoozing backwards",
                () -> {
                    throw new TaskSignal.Snooze(Duration.ofSeconds(-1));
                },
                "snooze must be between 0 and 10 years, got -1 s");
        add(
                row,
                "retrying after for ever",
                () -> {
                    throw new TaskSignal.RetryAfter(TOO_LONG);
                },
                "retryAfter must be between 0 and 10 years");
        add(
                row,
                "awaiting for ever",
                () -> with(queue ->
                        queue.enqueue(Mail::archive, new Order(1, "a")).await(Duration.ofSeconds(Long.MAX_VALUE))),
                "timeout must be between 0 and 10 years");
        add(
                row,
                "awaiting backwards",
                () -> with(
                        queue -> queue.enqueue(Mail::archive, new Order(1, "a")).await(Duration.ofNanos(-1))),
                "timeout must be between 0 and 10 years");
        add(
                row,
                "a request timeout of nothing",
                () -> RedisOptions.defaults().withRequestTimeout(Duration.ZERO),
                "requestTimeout must be between 1 ms and 10 years, got 0 s");
        add(
                row,
                "a lease of a millisecond",
                () -> WorkerOptions.defaults().withLease(Duration.ofMillis(1)),
                "lease must be between",
                "1 s",
                "1 h",
                "1 ms");
    }

    private void configuration() {
        String row = "configuration";
        add(
                row,
                "everything at once",
                () -> TaskQueue.builder()
                        .concurrency(0)
                        .lease(Duration.ofDays(1))
                        .queues("mail", "bad{name")
                        .drainTimeout(Duration.ofSeconds(-1))
                        .maxPayloadBytes(0)
                        .tasks(new Mail(), new Twice(), new Empty())
                        .start(),
                "TaskQueue cannot be built, 7 problems:",
                "concurrency must be 1 to 10,000, got 0",
                "lease must be between",
                "queue name may hold only",
                "drainTimeout must be between 0 and 10 years, got -1 s",
                "maxPayloadBytes must be 1 to 16 MiB, got 0",
                "task name \"send_email\" is declared twice",
                "Empty has no method with @Task");
        add(
                row,
                "annotations that are wrong",
                () -> memory(new Wrongs()),
                "10 problems:",
                "Wrongs.named: task name may hold only",
                "Wrongs.queued: queue name may hold only",
                "Wrongs.important: priority must be 0 (last) to 9 (first), got 10",
                "Wrongs.soon: timeout must be like \"250ms\"",
                "got \"soon\"",
                "Wrongs.never: timeout must be between 1 ms and 10 years",
                "Wrongs.kept: resultTtl must be like",
                "Wrongs.keptLong: resultTtl must be between",
                "Wrongs.untried: maxAttempts must be 1 to 10,000, got 0",
                "Wrongs.shrinking: multiplier must be 1 to 100, got 0.5",
                "Wrongs.early");
        add(
                row,
                "methods that cannot be tasks",
                () -> memory(new Shapes()),
                "Shapes.overloaded is overloaded",
                "Shapes.hidden must be a public instance method to be a task, but is private",
                "Shapes.shared must be a public instance method to be a task, but is public static",
                "Shapes.wide takes 9 arguments, a task takes at most 8; put them into a record");
        add(
                row,
                "a task name that is declared twice",
                () -> memory(new Mail(), new Twice()),
                "1 problem:",
                "\"send_email\" is declared twice, by Mail.sendEmail(String, int) and by Twice.other()",
                "give one of them another name");
        add(
                row,
                "an alias that another task has",
                () -> TaskQueue.builder()
                        .tasks(new Mail(), new Renamed())
                        .task("before", it -> it.queue("mail"))
                        .start(),
                "4 problems:",
                "alias \"send_email\" of Renamed.now() is also the name of Mail.sendEmail(String, int)",
                "alias \"before\" of Renamed.now() is also an alias of Renamed.later()",
                "Renamed.now() says \"now\" twice, in name and aliases",
                "task(\"before\", ...) names an alias; say task(\"later\", ...)");
        add(
                row,
                "a version without its upcasters",
                () -> TaskQueue.builder()
                        .tasks(new Shipping())
                        .upcaster("ship", 2, Upcaster.unchanged())
                        .upcaster("ship", 3, Upcaster.unchanged())
                        .upcaster("shop", 1, Upcaster.unchanged())
                        .start(),
                "3 problems:",
                "Shipping.ship(String) has version 3, and nothing says how arguments of version 1 become those of"
                        + " version 2; add upcaster(\"ship\", 1, ...)",
                "upcaster(\"ship\", 3, ...) makes arguments of version 4, but Shipping.ship(String) has version 3",
                "upcaster(\"shop\", 1, ...) is about a task that is not registered here; did you mean \"ship\"?");
        add(
                row,
                "a group that shows a secret",
                () -> TaskQueue.builder().tasks(new Shown()).start(),
                "group \"to:{0}\" would show argument 0, which is marked @Secret");
        add(
                row,
                "no seal, and nothing but what is sealed",
                () -> TaskQueue.builder().acceptUnsealed(false).start(),
                "acceptUnsealed(false) refuses all that is not sealed, and there is no seal; add seal(...)");
        add(
                row,
                "a key that is too short",
                () -> SealKey.of("2026-11", new byte[16]),
                "key 2026-11 must have 256 bits, got 128");
        add(
                row,
                "batch tasks that are none",
                () -> TaskQueue.builder().tasks(new WrongBatches()).start(),
                "4 problems:",
                "WrongBatches.large: batch.max must be 1 to 1,000, got 5000",
                "WrongBatches.mixed takes a Batch beside other arguments",
                "WrongBatches.returning takes a Batch and returns a value",
                "WrongBatches.alone says batch = @BatchSize, but takes no Batch");
        add(
                row,
                "a batch in place of an item",
                () -> TaskRef.task(Together::sendAll),
                "Together.sendAll(Batch) takes a batch",
                "TaskRef.batch(reference) instead of task");
        add(
                row,
                "queues to serve and no tasks",
                () -> TaskQueue.builder().queues("mail").start(),
                "queues [mail] are to be served, but no tasks are given",
                "add tasks(...)");
        add(
                row,
                "settings that others replace",
                () -> TaskQueue.builder()
                        .concurrency(50)
                        .queues("mail")
                        .worker(WorkerOptions.defaults())
                        .maxPayloadBytes(1000)
                        .client(ClientOptions.defaults())
                        .start(),
                "2 problems:",
                "worker(...) replaces what was set before it: concurrency(...), queues(...); call worker(...) first",
                "client(...) replaces what was set before it: maxPayloadBytes(...)");
        add(
                row,
                "an object without tasks",
                () -> memory(new Empty()),
                "Empty has no method with @Task",
                "leave the object out");
    }

    private void redis() {
        String row = "Redis";
        add(
                row,
                "a key of ours holds something else",
                () -> {
                    try (RedisServer server = RedisServer.start()) {
                        byte[] ready = new Keyspace("tm", "default").ready();
                        on(server, redis -> redis.sync().set(new String(ready, StandardCharsets.US_ASCII), "mine"));
                        with(
                                TaskQueue.builder().broker(RedisBroker.connect(server.uri())),
                                queue -> queue.enqueue("send_email"));
                    }
                },
                "127.0.0.1:",
                "refused enqueue on queue default: WRONGTYPE",
                "give Tidemill a key prefix of its own");
        add(
                row,
                "its memory is full",
                () -> {
                    try (RedisServer server = RedisServer.start()) {
                        with(TaskQueue.builder().broker(RedisBroker.connect(server.uri())), queue -> {
                            on(server, redis -> redis.sync().configSet("maxmemory", "1"));
                            queue.enqueue("send_email");
                        });
                    }
                },
                "127.0.0.1:",
                "refused enqueue on queue default: OOM",
                "its memory is full",
                "raise maxmemory");
        add(
                row,
                "its user lacks a right",
                () -> enqueueWithoutRight(RedisOptions.defaults()),
                "127.0.0.1:",
                "its ACL user app may not run mset on keys and channels tm:*",
                "docs/redis-protocol.md",
                "preflight");
        add(
                row,
                "its user lacks a right, and nobody looked before",
                () -> enqueueWithoutRight(RedisOptions.defaults().withPreflight(PreflightMode.OFF)),
                "127.0.0.1:",
                "refused enqueue on queue default: NOPERM",
                "its ACL user lacks a right",
                "docs/redis-protocol.md");
    }

    private static void enqueueWithoutRight(RedisOptions options) throws Throwable {
        try (RedisServer server = RedisServer.start()) {
            on(
                    server,
                    redis -> redis.sync()
                            .dispatch(
                                    CommandType.ACL,
                                    new StatusOutput<>(StringCodec.UTF8),
                                    new CommandArgs<>(StringCodec.UTF8)
                                            .addValues(
                                                    "SETUSER",
                                                    "app",
                                                    "on",
                                                    ">" + PASSWORD,
                                                    "~tm:*",
                                                    "&tm:*",
                                                    "+@all",
                                                    "-mset")));
            with(
                    TaskQueue.builder()
                            .broker(RedisBroker.connect(
                                    "redis://app:" + PASSWORD + "@127.0.0.1:" + server.port(), options)),
                    queue -> queue.enqueue("send_email"));
        }
    }

    private static void on(RedisServer server, Consumer<StatefulRedisConnection<String, String>> use) {
        RedisClient client = RedisClient.create(RedisURI.create(server.uri()));
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            use.accept(connection);
        } finally {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(5));
        }
    }

    private void classNames() {
        add(
                "a class name in a payload",
                "a class name where an order belongs",
                () -> died(record("archive", "[[\"" + Canary.class.getName() + "\", {\"number\": 1}]]")),
                "argument 0 does not fit",
                "Mail.archive(Order)");
    }

    private void wrongTime() {
        String row = "calls at the wrong time";
        add(
                row,
                "enqueueing after the close",
                () -> {
                    TaskQueue queue = memory();
                    queue.close();
                    queue.enqueue("send_email");
                },
                "this TaskQueue was closed");
        add(
                row,
                "asking for the context outside of a job",
                TaskContext::current,
                "no job runs on thread",
                "only inside a task method");
        add(
                row,
                "starting over a broker that was closed",
                () -> {
                    MemoryBroker broker = new MemoryBroker();
                    TaskQueue.builder().broker(broker).start().close();
                    TaskQueue.builder().broker(broker).start();
                },
                "the in-memory broker is closed");
        add(
                row,
                "asking an operator's question of a broker that is gone",
                () -> {
                    RedisServer server = RedisServer.start();
                    RedisOptions hasty = RedisOptions.defaults().withRequestTimeout(Duration.ofMillis(300));
                    with(TaskQueue.builder().broker(RedisBroker.connect(server.uri(), hasty)), queue -> {
                        server.close();
                        queue.admin().counts("mail");
                    });
                },
                "127.0.0.1:",
                "counts on queue mail",
                "requestTimeout");
    }

    /** Must never be loaded by what a payload says. */
    static final class Canary {

        static {
            Alarm.LOADED.add("canary");
        }

        private Canary() {}
    }

    /** Who was loaded. */
    static final class Alarm {

        static final Set<String> LOADED = ConcurrentHashMap.newKeySet();

        private Alarm() {}
    }
}
