package io.tidemill.benchmarks.scale;

import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.benchmarks.Arguments;
import io.tidemill.benchmarks.Brokers;
import io.tidemill.benchmarks.Cpu;
import io.tidemill.benchmarks.Mail;
import io.tidemill.benchmarks.MailTasks;
import io.tidemill.benchmarks.Report;
import io.tidemill.benchmarks.compare.Wire;
import io.tidemill.client.Call;
import io.tidemill.schedule.PutResult;
import io.tidemill.schedule.Schedule;
import io.tidemill.schedule.Scheduler;
import io.tidemill.schedule.Timing;
import io.tidemill.test.redis.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * What many schedules in one queue cost a process that serves it: how fast they are put, the processor time while none
 * of them is due, how fast they fire when all of them are due at one instant, and how fast they are put again without a
 * change, as each start of a process does. A queue with one schedule is measured beside it.
 *
 * <pre>
 * -schedules 100000  how many
 * -seconds 30        how long nothing is due
 * -settle 10         seconds before that, in which the JVM finishes compiling
 * -home .            the directory of the module
 * </pre>
 */
public final class Scheduling {

    private static final Set<String> OPTIONS = Set.of("schedules", "seconds", "settle", "home");
    private static final List<String> COLUMNS = List.of(
            "put /s", "put again /s", "idle JVM % of core", "idle Redis %", "idle commands/s", "fired and run /s");
    private static final Duration LONGEST_FIRING = Duration.ofMinutes(10);

    private Scheduling() {}

    public static void main(String[] args) throws IOException {
        Arguments arguments = Arguments.parse(args, OPTIONS);
        run(arguments).print(Path.of(arguments.text("home", "."), "target/scheduling.json"));
    }

    /** Runs and returns the figures. */
    static Report run(Arguments arguments) {
        Report report = new Report("schedules", COLUMNS);
        for (int schedules : new int[] {1, arguments.number("schedules", 100_000)}) {
            measure(report, schedules, arguments.nanos("settle", 10), arguments.nanos("seconds", 30));
        }
        return report;
    }

    private static void measure(Report report, int schedules, long settleNanos, long nanos) {
        Semaphore ran = new Semaphore(0);
        Scheduler scheduler = Scheduler.create();
        TaskQueueBuilder builder = TaskQueue.builder()
                .tasks(new MailTasks(mail -> ran.release()))
                .concurrency(100)
                .install(scheduler);
        try (RedisServer redis = RedisServer.start();
                Wire control = new Wire(redis.port());
                TaskQueue queue = builder.broker(Brokers.connect(redis.uri())).start()) {
            List<Schedule> far = all(
                    schedules,
                    Timing.once(Instant.now().plus(Duration.ofDays(30)).truncatedTo(ChronoUnit.SECONDS)));
            double put = putPerSecond(scheduler, far);
            double again = putPerSecond(scheduler, far);

            sleep(settleNanos);
            control.call("CONFIG", "RESETSTAT");
            Cpu before = Cpu.now(control);
            long from = System.nanoTime();
            sleep(nanos);
            Cpu spent = Cpu.now(control).since(before);
            double seconds = (System.nanoTime() - from) / 1e9;
            double commands = control.info("stats", "total_commands_processed");

            report.row(
                    String.format(Locale.ROOT, "%,d", schedules),
                    put,
                    again,
                    100 * spent.jvm() / seconds,
                    100 * spent.redis() / seconds,
                    commands / seconds,
                    firedPerSecond(scheduler, schedules, put, ran));
            if (!queue.health().problems().isEmpty()) {
                throw new IllegalStateException("the measurement is void: " + queue.health());
            }
        }
    }

    private static List<Schedule> all(int schedules, Timing timing) {
        return IntStream.range(0, schedules)
                .mapToObj(i -> Schedule.of("schedule-" + i, timing, Call.call(MailTasks::send, Mail.WELCOME)))
                .toList();
    }

    private static double putPerSecond(Scheduler scheduler, List<Schedule> schedules) {
        long start = System.nanoTime();
        for (PutResult put : scheduler.schedules().putAll(schedules)) {
            put.failure().ifPresent(failure -> {
                throw failure;
            });
        }
        return schedules.size() / ((System.nanoTime() - start) / 1e9);
    }

    /** From the instant at which all are due until the last of their jobs has begun. */
    private static double firedPerSecond(Scheduler scheduler, int schedules, double putPerSecond, Semaphore ran) {
        Instant due = Instant.now()
                .plusSeconds(5 + (long) (2 * schedules / putPerSecond))
                .truncatedTo(ChronoUnit.SECONDS);
        putPerSecond(scheduler, all(schedules, Timing.once(due)));
        sleep(Math.max(0, Duration.between(Instant.now(), due).toNanos()));
        long start = System.nanoTime();
        try {
            if (!ran.tryAcquire(schedules, LONGEST_FIRING.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("only " + ran.availablePermits() + " of " + schedules
                        + " schedules fired within " + LONGEST_FIRING.toMinutes() + " min");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return schedules / ((System.nanoTime() - start) / 1e9);
    }

    private static void sleep(long nanos) {
        long until = System.nanoTime() + nanos;
        for (long rest = nanos; rest > 0; rest = until - System.nanoTime()) {
            LockSupport.parkNanos(rest);
        }
    }
}
