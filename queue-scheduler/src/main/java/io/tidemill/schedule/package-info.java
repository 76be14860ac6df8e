/**
 * When a schedule fires: cron expressions in a time zone, fixed intervals, and single times.
 *
 * <p>{@link io.tidemill.schedule.Timing} is the door. Read {@code CronParser} for what an expression may say,
 * {@code CronExpression} for the local times that it means, and {@code CronTimes} for the instants that they become in
 * a time zone. Nothing here keeps state or asks for the time.
 */
@NullMarked
package io.tidemill.schedule;

import org.jspecify.annotations.NullMarked;
