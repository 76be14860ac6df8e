package io.tidemill.examples.ecoeaze;

import io.tidemill.TaskQueue;
import io.tidemill.admin.JobInfo;
import io.tidemill.examples.common.Checks;
import io.tidemill.examples.common.Demo;
import io.tidemill.examples.common.JobLog;
import io.tidemill.examples.common.Timeline;
import io.tidemill.examples.ecoeaze.DemoMarket.Evening;
import io.tidemill.examples.ecoeaze.demo.DemoServers;
import io.tidemill.examples.ecoeaze.demo.Inbox;
import io.tidemill.examples.ecoeaze.demo.SamplePhotos;
import io.tidemill.examples.ecoeaze.demo.SamplePhotos.Photo;
import io.tidemill.examples.ecoeaze.metrics.MetricsServer;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A day at the marketplace in a few seconds: a web application asks for some hundred jobs, a worker does them, and what
 * it did is checked.
 *
 * <p>Exits with 0 if everything that should have happened did, 1 if something did not, 2 if it broke off.
 */
public final class EcoEazeDemo {

    private static final Duration PATIENCE = Duration.ofSeconds(100);

    private EcoEazeDemo() {}

    /** Runs the demo. */
    public static void main(String[] arguments) {
        System.setProperty("java.awt.headless", "true");
        Demo.exitAfter((environment, out) -> {
            DemoReport report = run(environment, out);
            report.print(out);
            return report.passed();
        });
    }

    /** Runs the demo with these environment variables and prints what happens as it happens. */
    static DemoReport run(Map<String, String> environment, PrintStream out) throws Exception {
        Settings.from(environment); // says what is wrong with them before anything starts
        out.println("EcoEaze opens: servers start, photos are painted");
        Map<String, Integer> greylist = Map.of(DemoJobs.GREYLISTED, 2);
        try (DemoServers servers = DemoServers.start(environment, greylist)) {
            Settings settings = Settings.from(servers.environment());
            List<Photo> photos = SamplePhotos.writeTo(settings.uploadDir());
            Path leftOver = DemoHistory.leaveHalfAFile(settings.outputDir());
            JobLog log = new JobLog(new Timeline(out, 31, 23));
            // The queue first: it says clearly what is wrong with a Redis
            try (TaskQueue queue = EcoEazeWorker.connect(settings, log);
                    EcoEazeData data = new EcoEazeData(settings);
                    Inbox inbox = Inbox.open(settings.redis(RedisDb.NOTIFICATIONS), DemoJobs.USER);
                    LivePage page = LivePage.open(settings, data, queue)) {
                String run = Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
                DemoHistory.write(data.inventory(), run);
                // The web application asks while no worker is there; nothing is lost, and nobody waits
                EcoEazeProducer producer = new EcoEazeProducer(queue, data);
                DemoMarket market = new DemoMarket(producer, run);
                DemoJobs jobs = new DemoJobs(producer, photos, log);
                Checks checks = new Checks();
                DemoSchedules schedules = new DemoSchedules(run);
                EcoEazeWorker worker = EcoEazeWorker.start(settings, log, schedules.scheduler());
                try (worker;
                        MetricsServer metrics = MetricsServer.start(settings.metricsPort(), worker.meters())) {
                    page.awaitActive(checks);
                    market.schedule(worker.schedules());
                    List<String> ids = new ArrayList<>(jobs.ids());
                    ids.addAll(market.ids());
                    ids.add(market.scheduledJob());
                    checks.equal("jobs that have not ended", Set.of(), log.awaitEnd(ids, PATIENCE));
                    Evening evening = Evening.request(producer);
                    checks.equal("jobs of the evening", Set.of(), log.awaitEnd(evening.ids(), PATIENCE));
                    checks.section("schedules", () -> schedules.end(worker.schedules(), log, PATIENCE, checks, out));
                    schedules.check(log, checks);
                    checks.section("live page", () -> page.check(checks, out));
                    new MarketChecks(market, evening, data, checks).all(producer, servers.messages(), leftOver);
                    checks.section("metrics", () -> new MeterChecks(log, checks).all(worker.meters(), metrics));
                }
                List<JobInfo> dead =
                        new DemoChecks(jobs, market.mails(), log, checks).all(settings, queue, inbox, servers.mails());
                return new DemoReport(
                        jobs, log, dead, worker.meters(), settings.outputDir().toAbsolutePath(), checks);
            }
        }
    }
}
