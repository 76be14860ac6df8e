package io.tidemill.examples.engreene;

import io.lettuce.core.RedisException;
import io.tidemill.examples.engreene.cache.Warmup;
import io.tidemill.examples.engreene.demo.Checks;
import io.tidemill.examples.engreene.demo.DemoServers;
import io.tidemill.examples.engreene.demo.JobLog;
import io.tidemill.examples.engreene.demo.Timeline;
import io.tidemill.examples.engreene.sessions.Cleanup;
import io.tidemill.schedule.Schedule;
import io.tidemill.schedule.Scheduler;
import io.tidemill.schedule.Timing;
import io.tidemill.task.TidemillException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/**
 * A week at the marketplace in some seconds: a web application adds jobs, a worker runs them, vendors answer or do not,
 * and what came of it is checked.
 *
 * <p>Exits with 0 if everything that should have happened did, 1 if something did not, 2 if it broke off.
 */
public final class EngreeneDemo {

    /** A quiet machine needs a fraction of these; one that is busy is not refused for being slow. */
    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration BREAKER_PAUSE = Duration.ofMillis(300);

    private EngreeneDemo() {}

    /** Runs the demo. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        abortAfter(DEADLINE, out);
        try {
            DemoReport report = run(System.getenv(), out);
            report.print(out);
            System.exit(report.passed() ? 0 : 1);
        } catch (TidemillException | RedisException | IllegalArgumentException e) {
            out.println("the demo broke off: " + e.getMessage());
            System.exit(2);
        } catch (Throwable t) {
            out.println("the demo broke off");
            t.printStackTrace(out);
            System.exit(2);
        }
    }

    /** Runs the demo with these environment variables and prints what happens as it happens. */
    static DemoReport run(Map<String, String> environment, PrintStream out) throws Exception {
        Settings.from(environment); // says what is wrong with them before anything starts
        out.println("Engreene opens: servers start, and the vendors' endpoint is down");
        try (DemoServers servers = DemoServers.start(environment)) {
            Settings settings = Settings.from(servers.environment());
            JobLog log = new JobLog(new Timeline(out));
            Checks checks = new Checks();
            String run = Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
            try (EngreeneService web = EngreeneService.open(settings)) {
                web.startProducer(log);
                DemoDay day = new DemoDay(web, servers, log, checks, run);
                day.usersLogIn();
                // The web application adds jobs while no worker is there; nothing is lost, and nobody waits
                day.addJobs();
                try (EngreeneService worker = EngreeneService.open(settings, BREAKER_PAUSE)) {
                    Scheduler schedules = schedules(run);
                    worker.startWorker(log, schedules);
                    day.vendorsAnswerOrNot();
                    day.endpointComesBack();
                    day.end(schedules.schedules());
                    day.check(worker);
                    return new DemoReport(
                            log,
                            day.conversations(),
                            web.healthCheck(),
                            worker.getStats(),
                            checks.count(),
                            checks.failures());
                }
            }
        }
    }

    /** In the syntax of cron with seconds, since nobody waits for a full hour here. */
    private static Scheduler schedules(String run) {
        List<Schedule> each = List.of(
                EngreeneSchedules.schedule(
                        DemoDay.cleanup(run), Timing.cron("* * * * * *", ZoneOffset.UTC), Cleanup.TYPE, Cleanup.USUAL),
                EngreeneSchedules.schedule(
                        DemoDay.warmup(run), Timing.cron("*/2 * * * * *", ZoneOffset.UTC), Warmup.TYPE, Warmup.ALL));
        return EngreeneSchedules.scheduler("engreene-demo", each);
    }

    /** Whatever goes wrong, a demo that hangs is worse than one that fails. Lets it clean up, if it still can. */
    private static void abortAfter(Duration deadline, PrintStream out) {
        Thread demo = Thread.currentThread();
        Thread guard = new Thread(
                () -> {
                    try {
                        Thread.sleep(deadline.toMillis());
                        out.println("not done after " + deadline.toSeconds() + " s");
                        demo.interrupt();
                        Thread.sleep(GRACE.toMillis());
                        Runtime.getRuntime().halt(2);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "deadline");
        guard.setDaemon(true);
        guard.start();
    }
}
