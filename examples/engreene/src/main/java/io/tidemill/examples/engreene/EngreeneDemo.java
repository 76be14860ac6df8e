package io.tidemill.examples.engreene;

import io.lettuce.core.RedisException;
import io.tidemill.examples.common.Checks;
import io.tidemill.examples.common.Demo;
import io.tidemill.examples.common.JobLog;
import io.tidemill.examples.common.Timeline;
import io.tidemill.examples.engreene.cache.Warmup;
import io.tidemill.examples.engreene.demo.DemoServers;
import io.tidemill.examples.engreene.sessions.Cleanup;
import io.tidemill.schedule.Schedule;
import io.tidemill.schedule.Scheduler;
import io.tidemill.schedule.Timing;
import java.io.PrintStream;
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

    private static final Duration BREAKER_PAUSE = Duration.ofMillis(300);

    private EngreeneDemo() {}

    /** Runs the demo. */
    public static void main(String[] arguments) {
        Demo.exitAfter((environment, out) -> {
            try {
                DemoReport report = run(environment, out);
                report.print(out);
                return report.passed();
            } catch (RedisException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        });
    }

    /** Runs the demo with these environment variables and prints what happens as it happens. */
    static DemoReport run(Map<String, String> environment, PrintStream out) throws Exception {
        Settings.from(environment); // says what is wrong with them before anything starts
        out.println("Engreene opens: servers start, and the vendors' endpoint is down");
        try (DemoServers servers = DemoServers.start(environment)) {
            Settings settings = Settings.from(servers.environment());
            JobLog log = new JobLog(new Timeline(out, 34, 42));
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
                    return new DemoReport(log, day.conversations(), web.healthCheck(), worker.getStats(), checks);
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
}
