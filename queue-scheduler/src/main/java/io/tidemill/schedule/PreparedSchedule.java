package io.tidemill.schedule;

import io.tidemill.client.PreparedJob;

/**
 * A schedule whose call is written: it can be stored.
 *
 * @param schedule what it is
 * @param call as {@link SchedulePutter#prepare} gave it
 */
record PreparedSchedule(Schedule schedule, PreparedJob call) {

    String name() {
        return schedule.name();
    }

    /** The queue that its jobs go to, and in which it is kept. */
    String queue() {
        return call.queue();
    }
}
