package io.tidemill.broker;

import java.util.List;

/**
 * The answer of {@link ScheduleStore#take}.
 *
 * @param schedules those that are due, earliest first; within one time by the code points of the name
 * @param nowMillis the broker's clock, ms since 1970
 * @param nextAtMillis when the next one of the queue is due, by the same clock, those that were just taken counted with
 *     the time until which they are held; in the past if there are more now; {@link StoredSchedule#NEVER} for none
 */
public record DueSchedules(List<StoredSchedule> schedules, long nowMillis, long nextAtMillis) {}
