/** Schedules: cron expressions in time zones, intervals and single times, stored in the broker and fired by jobs. */
module io.tidemill.schedule {
    requires transitive io.tidemill.core;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports io.tidemill.schedule;
}
