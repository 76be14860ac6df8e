package io.tidemill.broker;

import java.util.List;

/**
 * The answer of {@link ScheduleStore#find(String, List)}.
 *
 * @param schedules those that are there, in the order of the names that were asked for
 * @param looked how many names were looked at, from the first one on: all of them, unless the answer would be too large
 * @param nowMillis the broker's clock, ms since 1970
 */
public record FoundSchedules(List<StoredSchedule> schedules, int looked, long nowMillis) {}
