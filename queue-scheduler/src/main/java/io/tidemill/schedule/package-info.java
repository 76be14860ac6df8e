/**
 * Schedules: kept in the broker, fired by jobs, from every process.
 *
 * <p>{@link io.tidemill.schedule.Scheduler} is the door, {@link io.tidemill.schedule.Schedules} what people do at run
 * time, {@link io.tidemill.schedule.Timing} when something is due. Read {@code Planner} for what a schedule does at a
 * time, {@code ScheduleState} and {@code ScheduleCodec} for what is stored, {@code Ticker} and {@code QueueTicker} for
 * how it fires, {@code CodeSchedules} for what code defines. Of times: {@code CronParser} for what an expression may
 * say, {@code CronExpression} for the local times that it means, and {@code CronTimes} for the instants that they
 * become in a time zone.
 */
@NullMarked
package io.tidemill.schedule;

import org.jspecify.annotations.NullMarked;
