package io.tidemill.schedule;

import java.util.List;

/**
 * What is to be done with a schedule at one look: jobs to store, each with the state after it, and the state at the
 * end.
 *
 * <p>Immutable.
 *
 * @param firings the jobs, in order; each is stored together with its state
 * @param end the state afterwards: that of the last firing if there is one
 * @param cancelsPrevious whether the last job is to be cancelled first
 */
record Plan(List<Firing> firings, ScheduleState end, boolean cancelsPrevious) {

    /**
     * One job.
     *
     * @param job its id
     * @param tick what it is about
     * @param after the schedule once it is stored
     */
    record Firing(String job, Tick tick, ScheduleState after) {}
}
