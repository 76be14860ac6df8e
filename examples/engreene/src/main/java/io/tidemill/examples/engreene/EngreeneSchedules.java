package io.tidemill.examples.engreene;

import io.tidemill.client.Call;
import io.tidemill.examples.engreene.cache.Warmup;
import io.tidemill.examples.engreene.jobs.JobQueueService;
import io.tidemill.examples.engreene.sessions.Cleanup;
import io.tidemill.schedule.Overlap;
import io.tidemill.schedule.Schedule;
import io.tidemill.schedule.Scheduler;
import io.tidemill.schedule.Timing;
import java.time.ZoneOffset;
import java.util.List;

/** What runs by the clock, in the syntax of cron. Every worker fires it, and each due time is let through once. */
public final class EngreeneSchedules {

    private EngreeneSchedules() {}

    /** Fires all of them. */
    public static Scheduler scheduler() {
        return scheduler("engreene", all());
    }

    /** Fires these, which the code of this owner defines. */
    static Scheduler scheduler(String owner, List<Schedule> schedules) {
        Scheduler scheduler = Scheduler.create().owner(owner);
        for (Schedule schedule : schedules) {
            scheduler = scheduler.schedule(schedule);
        }
        return scheduler;
    }

    /** Sessions are cleaned up each hour; the cache is warmed up each fourth minute, as profiles are kept for five. */
    static List<Schedule> all() {
        return List.of(
                schedule("session-cleanup", Timing.cron("0 * * * *", ZoneOffset.UTC), Cleanup.TYPE, Cleanup.USUAL),
                schedule("cache-warmup", Timing.cron("*/4 * * * *", ZoneOffset.UTC), Warmup.TYPE, Warmup.ALL));
    }

    /** A job that is added at these times, unless the last one has not ended yet. */
    static Schedule schedule(String name, Timing timing, String type, Object data) {
        return Schedule.of(name, timing, Call.named(type, data).queue(JobQueueService.QUEUE))
                .withOverlap(Overlap.SKIP);
    }
}
