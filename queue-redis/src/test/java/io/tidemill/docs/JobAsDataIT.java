package io.tidemill.docs;

import io.lettuce.core.RedisClient;
import io.lettuce.core.ScoredValue;
import io.lettuce.core.api.sync.RedisCommands;
import io.tidemill.Approval;
import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.redis.RedisBroker;
import io.tidemill.task.JobState;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.test.Waits;
import io.tidemill.test.redis.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Lets jobs pass through their states, and compares what Redis holds in each with docs/data.md. */
class JobAsDataIT {

    private static final Duration SOON = Duration.ofSeconds(20);

    /** Keys that say who serves the queue, which requests came and what happened; that they are there is chance. */
    private static final List<String> ASIDE = List.of("request:", "taken:", "worker:", "workers", "waiting", "history");

    private final Map<String, String> names = new LinkedHashMap<>();
    private final StringBuilder page = new StringBuilder();

    public static final class Mails {

        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch mayEnd = new CountDownLatch(1);

        @Task
        public String send(String to, int copies) throws InterruptedException {
            begun.countDown();
            mayEnd.await();
            return "sent to " + to;
        }

        @Task
        public void fulfil(String order) {
            TaskContext context = TaskContext.current();
            context.step("charge", String.class, () -> "receipt of " + order);
            context.sleep("a-day", Duration.ofDays(1));
        }

        @Task
        public void remind(String to) {
            throw new IllegalStateException("no such user");
        }
    }

    @Test
    void the_page_shows_what_redis_holds() throws Exception {
        Mails mails = new Mails();
        try (RedisServer server = RedisServer.start();
                RedisClient client = RedisClient.create(server.uri());
                TaskQueue shop = TaskQueue.builder()
                        .broker(RedisBroker.connect(server.uri()))
                        .start()) {
            RedisCommands<String, String> redis = client.connect().sync();

            JobHandle<String> mail = shop.enqueue(Mails::send, "ada@example.com", 2);
            names.put(mail.id(), "J1");
            show(redis, "Ready", "`queue.enqueue(Mails::send, \"ada@example.com\", 2)` has returned.");

            try (TaskQueue worker = TaskQueue.builder()
                    .broker(RedisBroker.connect(server.uri()))
                    .tasks(mails)
                    .concurrency(1)
                    .retry(RetryPolicy.defaults().withMaxAttempts(2))
                    .start()) {
                mails.begun.await();
                show(redis, "Active", "A worker has claimed it under a lease, and runs it.");

                mails.mayEnd.countDown();
                mail.await(SOON);
                Waits.until("recorded", () -> redis.hget("tm:{default}:counts", "succeeded") != null);
                show(
                        redis,
                        "Succeeded",
                        "The result is kept for an hour (`resultTtl`); of the job nothing else is left.");

                JobHandle<Void> reminder = shop.enqueue(Mails::remind, "eve");
                names.put(reminder.id(), "J2");
                Waits.until(
                        "failed once",
                        () -> shop.admin()
                                .find("default", reminder.id())
                                .filter(job -> job.state() == JobState.SCHEDULED)
                                .isPresent());
                show(redis, "Scheduled", "Another job has failed, and waits for its second attempt.");

                shop.admin().runNow("default", reminder.id());
                Waits.until("dead", () -> redis.exists("tm:{default}:dead") == 1);
                show(redis, "Dead", "The second attempt failed, too. An operator may redrive it.");
                shop.admin().purge("default", JobState.DEAD);

                JobHandle<Void> order = shop.enqueue(Mails::fulfil, "o1");
                names.put(order.id(), "J3");
                Waits.until(
                        "asleep",
                        () -> shop.admin()
                                .find("default", order.id())
                                .filter(job -> job.state() == JobState.SCHEDULED)
                                .isPresent());
                show(
                        redis,
                        "With steps",
                        "A third job has recorded a step and a sleep in front of its arguments, and sleeps.");
            }
        }
        Approval.check(Path.of("../docs/data.md"), """
            # One job as data

            <!-- Generated by JobAsDataIT, which runs these jobs; do not edit. To regenerate:
            mvn -pl queue-redis -am test -Dtest=JobAsDataIT -Dsurefire.failIfNoSpecifiedTests=false -Dtidemill.regenerate=true -->

            What Redis holds of a job in each state. `J1`, `J2` and `J3` stand for ids of jobs, `T` for a time in ms since 1970, `L` for the
            token of a lease. Left out are the keys that say which workers serve the queue, which of them wait, which requests
            were executed, and how many jobs ended when: `workers`, `worker:`, `waiting`, `request:`, `taken:`, `history`. The
            [protocol](redis-protocol.md) explains every key.
            """ + page);
    }

    private void show(RedisCommands<String, String> redis, String state, String what) {
        page.append("\n## ").append(state).append("\n\n").append(what).append("\n\n```text\n");
        for (String key : new TreeSet<>(redis.keys("*"))) {
            String name = key.replace("tm:{default}:", "");
            if (ASIDE.stream().noneMatch(name::startsWith)) {
                page.append(named(key))
                        .append("\n    ")
                        .append(named(value(redis, key)))
                        .append('\n');
            }
        }
        page.append("```\n");
    }

    private static String value(RedisCommands<String, String> redis, String key) {
        return switch (redis.type(key)) {
            case "string" -> "STRING " + redis.get(key).replace("\n", "\\n");
            case "list" -> "LIST " + redis.lrange(key, 0, -1);
            case "set" -> "SET " + new TreeSet<>(redis.smembers(key));
            case "zset" ->
                "ZSET "
                        + redis.zrangeWithScores(key, 0, -1).stream()
                                .map(JobAsDataIT::scored)
                                .toList();
            default ->
                "HASH "
                        + redis.hgetall(key).entrySet().stream()
                                .sorted(Map.Entry.comparingByKey())
                                .map(Object::toString)
                                .collect(Collectors.joining(", "));
        };
    }

    private static String scored(ScoredValue<String> entry) {
        return entry.getValue() + " at " + (long) entry.getScore();
    }

    private String named(String text) {
        String named = text;
        for (Map.Entry<String, String> each : names.entrySet()) {
            named = named.replace(each.getKey(), each.getValue());
        }
        return named.replaceAll("[0-9A-Za-z]{18}:\\d+:\\d+", "L")
                .replaceAll("\\b1[0-9]{12,15}\\b", "T")
                .replaceAll("(?<=a-day\\\\n)1[0-9]{12}", "T")
                .replaceAll("\"stack\":\".*\"}\\d+", "\"stack\":\"...\"}NNNNNNNN")
                .stripTrailing();
    }
}
