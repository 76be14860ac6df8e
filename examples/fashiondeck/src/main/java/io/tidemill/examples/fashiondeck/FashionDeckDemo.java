package io.tidemill.examples.fashiondeck;

import io.tidemill.TaskQueue;
import io.tidemill.examples.common.Checks;
import io.tidemill.examples.common.Demo;
import io.tidemill.examples.common.JobLog;
import io.tidemill.examples.common.Timeline;
import io.tidemill.examples.fashiondeck.demo.DemoServers;
import io.tidemill.examples.fashiondeck.refresh.ProductRefreshProducer;
import io.tidemill.schedule.Scheduler;
import java.io.PrintStream;
import java.time.Clock;
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

    private FashionDeckDemo() {}

    /** Runs the demo. */
    public static void main(String[] arguments) {
        Demo.exitAfter((environment, out) -> run(environment, out).passed());
    }

    /** Runs the demo with these environment variables and prints what happens as it happens. */
    static Checks run(Map<String, String> environment, PrintStream out) throws Exception {
        Settings.from(environment); // says what is wrong with them before anything starts
        Checks checks = new Checks();
        try (DemoServers servers = DemoServers.start(environment)) {
            out.println("FashionDeck opens: two Redis and three marketplaces have started. Is Redis as it should be?");
            checks.equal("exit code of the connection check", 0, RedisCheck.run(servers.environment(), out));
            Settings settings = Settings.from(servers.environment());
            JobLog log = new JobLog(new Timeline(out, 18, 38));
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
}
