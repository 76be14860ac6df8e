package io.tidemill.examples.fashiondeck;

import io.tidemill.TaskQueue;
import io.tidemill.examples.fashiondeck.demo.Checks;
import io.tidemill.examples.fashiondeck.demo.DemoServers;
import io.tidemill.examples.fashiondeck.demo.JobLog;
import io.tidemill.examples.fashiondeck.demo.Timeline;
import io.tidemill.examples.fashiondeck.refresh.ProductRefreshProducer;
import io.tidemill.schedule.Scheduler;
import io.tidemill.task.TidemillException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A night and a day of FashionDeck in some seconds: products are refreshed, their vectors computed, visitors search,
 * and the searches are summed up. What was done is checked.
 *
 * <p>Exits with 0 if everything that should have happened did, 1 if something did not, 2 if it broke off.
 */
public final class FashionDeckDemo {

    /** A quiet machine needs a fraction of it; one that is busy is not refused for being slow. */
    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private static final Duration GRACE = Duration.ofSeconds(5);

    private FashionDeckDemo() {}

    /** Runs the demo. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        abortAfter(DEADLINE, out);
        try {
            Checks checks = run(System.getenv(), out);
            System.exit(checks.failures().isEmpty() ? 0 : 1);
        } catch (TidemillException | IllegalArgumentException e) {
            out.println("the demo broke off: " + e.getMessage());
            System.exit(2);
        } catch (Throwable t) {
            out.println("the demo broke off");
            t.printStackTrace(out);
            System.exit(2);
        }
    }

    /** Runs the demo with these environment variables and prints what happens as it happens. */
    static Checks run(Map<String, String> environment, PrintStream out) throws Exception {
        Settings.from(environment); // says what is wrong with them before anything starts
        Checks checks = new Checks();
        try (DemoServers servers = DemoServers.start(environment)) {
            out.println("FashionDeck opens: two Redis and three marketplaces have started. Is Redis as it should be?");
            checks.equal("exit code of the connection check", 0, RedisCheck.run(servers.environment(), out));
            Settings settings = Settings.from(servers.environment());
            JobLog log = new JobLog(new Timeline(out));
            Scheduler scheduler = Scheduler.create();
            Clock past = Clock.fixed(DemoDay.NOON, DemoDay.ZONE);
            try (TaskQueue queue = FashionDeckWorker.connect(settings, log, scheduler);
                    FashionDeckData data = new FashionDeckData(settings, past)) {
                ProductRefreshProducer producer = new ProductRefreshProducer(queue, scheduler.schedules());
                List<Integer> batches = new CopyOnWriteArrayList<>();
                DemoDay day = new DemoDay(settings, queue, producer, data, log, checks);
                day.ask();
                try (FashionDeckWorker worker = FashionDeckWorker.start(settings, log, batches::add)) {
                    day.refresh(batches);
                    day.search();
                    day.analyse();
                    day.schedules(worker.schedules());
                }
                new DemoReport(queue, data, log, batches, checks).print(out);
            }
        }
        return checks;
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
