package io.tidemill.schedule;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import org.jspecify.annotations.Nullable;

/**
 * The instants at which a cron expression is due in a time zone.
 *
 * <p>Local times map to instants one to one, except where clocks are moved.
 *
 * <ul>
 *   <li><b>Gap</b>: clocks are moved forward, and some local times do not exist. All allowed times in a gap are due
 *       once, at its end. Where the hours are a wildcard they are dropped instead, since the next time is as near as
 *       always.
 *   <li><b>Overlap</b>: clocks are moved back, and some local times exist twice, in a first and a second pass. An
 *       allowed time is due in the first pass only. Where hours or minutes are a wildcard it is due in both.
 * </ul>
 */
record CronTimes(CronExpression expression, ZoneId zone) implements DueTimes {

    @Override
    public @Nullable Instant next(Instant after) {
        ZoneRules rules = zone.getRules();
        ZoneOffset offset = rules.getOffset(after);
        LocalDateTime local = LocalDateTime.ofInstant(after, offset);
        ZoneOffsetTransition change = rules.getTransition(local);
        if (change == null || !change.isOverlap()) {
            return instant(expression.after(local));
        }
        boolean secondPass = offset.equals(change.getOffsetAfter());
        return expression.isInterval()
                ? nextInBothPasses(local, change, secondPass)
                : instant(expression.after(secondPass ? lastOf(change) : local));
    }

    /** The last second of the local times that exist twice. In the second pass, all of them were due in the first. */
    private static LocalDateTime lastOf(ZoneOffsetTransition overlap) {
        return overlap.getDateTimeBefore().minusSeconds(1);
    }

    private @Nullable Instant nextInBothPasses(LocalDateTime local, ZoneOffsetTransition overlap, boolean secondPass) {
        LocalDateTime end = overlap.getDateTimeBefore();
        LocalDateTime next = expression.after(local);
        if (next != null && next.isBefore(end)) {
            return next.toInstant(secondPass ? overlap.getOffsetAfter() : overlap.getOffsetBefore());
        }
        LocalDateTime again = secondPass ? null : expression.from(overlap.getDateTimeAfter());
        return again != null && again.isBefore(end) ? again.toInstant(overlap.getOffsetAfter()) : instant(next);
    }

    /** The instant of a time that was reached from before: in an overlap that of the first pass. */
    private @Nullable Instant instant(@Nullable LocalDateTime time) {
        LocalDateTime next = time;
        while (next != null) {
            ZoneOffsetTransition change = zone.getRules().getTransition(next);
            if (change == null) {
                return next.toInstant(zone.getRules().getOffset(next));
            } else if (change.isOverlap()) {
                return next.toInstant(change.getOffsetBefore());
            } else if (!expression.everyHour()) {
                return change.getInstant();
            }
            next = expression.from(change.getDateTimeAfter());
        }
        return null;
    }

    @Override
    public String describe() {
        return expression.describe() + ", " + (zone.equals(ZoneOffset.UTC) ? "UTC" : zone.getId());
    }

    @Override
    public String line() {
        return "cron " + zone.getId() + " " + expression.text();
    }
}
