/** When schedules fire: cron expressions in time zones, intervals, single times. */
module io.tidemill.schedule {
    requires static transitive org.jspecify;

    exports io.tidemill.schedule;
}
