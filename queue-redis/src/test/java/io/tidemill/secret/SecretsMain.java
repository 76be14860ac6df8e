package io.tidemill.secret;

import static io.tidemill.client.Call.call;

import io.tidemill.TaskQueue;
import io.tidemill.client.Call;
import io.tidemill.client.ClientOptions;
import io.tidemill.client.JobHandle;
import io.tidemill.event.QueueEvent;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisOptions;
import io.tidemill.redis.RedisResultBackend;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskSignal;
import io.tidemill.task.WorkerOptions;
import io.tidemill.test.Recorder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * A program with secrets in its address of Redis, in its payloads and in its results, in which as much as possible goes
 * wrong; it prints whatever it can lay its hands on. {@link SecretsIT} looks for the secrets in what came out.
 *
 * <p>Arguments: the port of Redis, the password, the secret of the payloads, the port of a Redis that is not there.
 */
public final class SecretsMain {

    private static final Duration SOON = Duration.ofSeconds(20);

    private SecretsMain() {}

    /** Holds a secret, and says so when printed. */
    public record Card(String number, Instant validUntil, Level level, int pin) {}

    /** A choice of few. */
    public enum Level {
        LOW,
        HIGH
    }

    /** A secret that cannot be written. */
    public static final class Loop {

        /** The secret. */
        public final String secret;

        /** Leads back here. */
        public final Loop self = this;

        Loop(String secret) {
            this.secret = secret;
        }

        @Override
        public String toString() {
            return secret;
        }
    }

    /** Tasks that take secrets and fail in all ways. */
    public static final class Tasks {

        @Task(queue = "secret")
        public String echo(String secret) {
            return secret;
        }

        @Task(queue = "secret", retry = @Retry(maxAttempts = 2, delay = "1ms"))
        public void fail(String secret) {
            throw new IllegalStateException(
                    "failed in attempt " + TaskContext.current().attempt());
        }

        @Task(queue = "secret", timeout = "50ms", retry = @Retry(maxAttempts = 1))
        public void slow(String secret) throws InterruptedException {
            new CountDownLatch(1).await();
        }

        @Task(queue = "secret", timeout = "50ms", retry = @Retry(maxAttempts = 1))
        public void deaf(String secret) {
            while (true) {
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    if (TaskContext.current().isCancelled()) {
                        return;
                    }
                }
            }
        }

        @Task(queue = "secret")
        public void cancel(String secret) {
            throw new TaskSignal.Cancel("not needed");
        }

        @Task(queue = "secret")
        public String huge(String secret) {
            return secret.repeat((2 << 20) / secret.length());
        }

        @Task(queue = "secret")
        public Loop loop(String secret) {
            return new Loop(secret);
        }

        @Task(queue = "secret")
        public void card(Card card) {}

        @Task(queue = "secret")
        public void number(int number) {}
    }

    /** Runs into everything. */
    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        String password = arguments[1];
        String secret = arguments[2];
        int nowhere = Integer.parseInt(arguments[3]);
        String uri = "redis://:" + password + "@127.0.0.1:" + port;
        RedisOptions patient = RedisOptions.defaults().withConnectTimeout(Duration.ofSeconds(30));
        RedisOptions hasty = RedisOptions.defaults()
                .withCommandTimeout(Duration.ofMillis(200))
                .withRequestTimeout(Duration.ofMillis(400))
                .withConnectTimeout(Duration.ofSeconds(2));

        tryTo(
                "connect to nothing",
                () -> TaskQueue.builder()
                        .broker(RedisBroker.connect("redis://:" + password + "@127.0.0.1:" + nowhere, hasty))
                        .start());
        tryTo(
                "keep results nowhere",
                () -> TaskQueue.builder()
                        .results(RedisResultBackend.connect("redis://u:" + password + "@127.0.0.1:" + nowhere, hasty))
                        .start());
        tryTo(
                "connect with another password",
                () -> TaskQueue.builder()
                        .broker(RedisBroker.connect("redis://:" + password + "x@127.0.0.1:" + port, hasty))
                        .start());
        tryTo(
                "connect as nobody",
                () -> TaskQueue.builder()
                        .broker(RedisBroker.connect("redis://nobody:" + password + "@127.0.0.1:" + port, hasty))
                        .start());
        tryTo("connect to no address", () -> RedisBroker.connect("redis//:" + password + "@127.0.0.1"));
        tryTo("connect to a bad port", () -> RedisBroker.connect("redis://:" + password + "@127.0.0.1:port"));

        Recorder events = new Recorder();
        RedisBroker broker = RedisBroker.connect(uri, patient);
        say(broker);
        TaskQueue queue = TaskQueue.builder()
                .broker(broker)
                .tasks(new Tasks())
                .maxPayloadBytes(10_000)
                .listener(events)
                .worker(WorkerOptions.defaults()
                        .withInterruptTimeout(Duration.ofMillis(100))
                        .withDrainTimeout(Duration.ofMillis(100))
                        .withUnknownTaskDelay(Duration.ofMillis(1))
                        .withMaxUnknownReleases(1))
                .start();
        TaskQueue stranger = TaskQueue.builder()
                .broker(RedisBroker.connect(uri, patient))
                .client(ClientOptions.defaults())
                .start();
        TaskQueue staying = TaskQueue.builder()
                .broker(RedisBroker.connect(uri, hasty.withConnectTimeout(Duration.ofSeconds(30))))
                .start();
        say(queue);

        List<JobHandle<?>> jobs = new ArrayList<>();
        jobs.add(queue.enqueue(Tasks::echo, secret));
        jobs.add(queue.enqueue(Tasks::fail, secret));
        jobs.add(queue.enqueue(Tasks::slow, secret));
        jobs.add(queue.enqueue(Tasks::deaf, secret));
        jobs.add(queue.enqueue(Tasks::cancel, secret));
        jobs.add(queue.enqueue(Tasks::huge, secret));
        jobs.add(queue.enqueue(Tasks::loop, secret));
        for (Object wrong : List.of(
                secret,
                List.of(secret),
                Map.of("validUntil", secret),
                Map.of("level", secret),
                Map.of("pin", secret),
                Map.of("pin", Map.of(secret, secret)))) {
            jobs.add(stranger.enqueue(Call.named("card", wrong).queue("secret")));
            tryTo("enqueue a card that is none", () -> queue.enqueue("card", wrong));
        }
        jobs.add(stranger.enqueue(Call.named("number", secret).queue("secret")));
        jobs.add(stranger.enqueue(Call.named("number", secret, secret).queue("secret")));
        jobs.add(stranger.enqueue(Call.named("unknown", secret).queue("secret")));
        tryTo("enqueue what is too large", () -> queue.enqueue(Tasks::echo, secret.repeat(2000)));
        tryTo("enqueue what cannot be written", () -> queue.enqueue("echo", new Loop(secret)));
        tryTo("enqueue under another name", () -> queue.enqueue("ecko", secret));
        tryTo("name a task like that", () -> queue.enqueue("bad " + "name", secret));
        Call<String> call = call(Tasks::echo, secret).header("tenant", "7");
        say(call);
        say(call.options());

        for (JobHandle<?> job : jobs) {
            say(job);
            tryTo("await " + job, () -> job.await(SOON));
            queue.admin().find("secret", job.id()).ifPresent(SecretsMain::say);
        }
        for (JobState state : List.of(JobState.READY, JobState.SCHEDULED, JobState.ACTIVE, JobState.DEAD)) {
            queue.admin().list("secret", state, 0, 100).forEach(SecretsMain::say);
        }
        broker.lists().list("secret", JobState.DEAD, 0, 100).join().forEach(SecretsMain::say);
        say(queue.admin().counts("secret"));
        for (QueueEvent event : events.events()) {
            say(event);
        }
        Thread.getAllStackTraces().keySet().forEach(thread -> say(thread.getName()));

        queue.close();
        say(queue);
        tryTo("enqueue after the close", () -> queue.enqueue(Tasks::echo, secret));
        System.err.println("now Redis goes");
        System.in.read();
        tryTo("enqueue into nothing", () -> staying.enqueue("echo", secret));
        tryTo("look into nothing", () -> staying.admin().counts("secret"));
        staying.close();
        stranger.close();
        System.err.println("all done");
    }

    private interface Attempt {
        Object run() throws Exception;
    }

    private static void tryTo(String what, Attempt attempt) {
        try {
            Object result = attempt.run();
            // What comes back from a task is the caller's own; everything else is ours.
            System.err.println(what + ": " + (result instanceof String ? "came back" : result));
        } catch (Exception e) {
            System.err.println(what + ":");
            e.printStackTrace();
            if (e instanceof BrokerException broker) {
                say(broker.outcome());
            }
        }
    }

    private static void say(Object value) {
        System.err.println(value);
    }
}
