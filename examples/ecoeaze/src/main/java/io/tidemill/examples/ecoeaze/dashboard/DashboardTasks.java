package io.tidemill.examples.ecoeaze.dashboard;

import static io.tidemill.client.Call.call;

import io.tidemill.client.TaskClient;
import io.tidemill.examples.ecoeaze.behavior.Behavior;
import io.tidemill.task.Task;
import io.tidemill.task.Unique;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;

/** Keeps the live figures up to date. */
public final class DashboardTasks {

    private static final Duration PACE = Duration.ofMillis(500);

    private final Inspector inspector;
    private final Behavior behavior;
    private final Dashboard dashboard;
    private final Clock clock;

    /** Reads figures from here and publishes them there. */
    public DashboardTasks(Inspector inspector, Behavior behavior, Dashboard dashboard, Clock clock) {
        this.inspector = inspector;
        this.behavior = behavior;
        this.dashboard = dashboard;
        this.clock = clock;
    }

    /**
     * Counts anew and publishes the figures.
     *
     * @return how many clients received them
     */
    @Task(name = "update_dashboard", queue = "insight", timeout = "10s")
    public long updateDashboard() {
        LocalDate today = LocalDate.now(clock);
        Inspector.Stats stats = inspector.stats();
        return dashboard.publish(new LiveFigures(
                clock.instant(),
                stats.queues(),
                stats.workers().size(),
                behavior.users(today).size(),
                behavior.actions(today),
                behavior.products(today)));
    }

    /** Requests new figures. However often this is called, they are made twice a second at most. */
    public static void requestUpdate(TaskClient queue) {
        queue.enqueue(call(DashboardTasks::updateDashboard).delay(PACE).unique(Unique.untilStarted("dashboard")));
    }
}
