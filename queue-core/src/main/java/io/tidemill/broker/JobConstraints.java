package io.tidemill.broker;

import io.tidemill.task.Unique;
import io.tidemill.text.PrintableText;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a job asks for beyond being run: few do, and the others cost nothing for it.
 *
 * @param unique the key that it wants to be the only one with; null for none
 * @param group whose turn it takes, a name; null for none
 * @param expiresInMillis never to be started later than so many ms after the broker took it; 0 for no limit
 * @param step the step of the schedule that stores it; null if no schedule does. It is not kept with the job
 */
public record JobConstraints(
        @Nullable Unique unique,
        @Nullable String group,
        long expiresInMillis,
        @Nullable ScheduleStep step) {

    /** Nothing. */
    public static final JobConstraints NONE = new JobConstraints(null, null, 0, null);

    /** Checks the group's name and the range of the time. */
    public JobConstraints {
        if (group != null) {
            PrintableText.check("group", group);
        }
        if (expiresInMillis < 0) {
            throw new IllegalArgumentException("expiresInMillis must be 0 or more, got " + expiresInMillis);
        }
    }

    /** No schedule stores it. */
    public JobConstraints(@Nullable Unique unique, @Nullable String group, long expiresInMillis) {
        this(unique, group, expiresInMillis, null);
    }

    /** The abilities that a broker needs to keep it. */
    public Set<Ability> needs() {
        if (isNone()) {
            return Set.of();
        }
        Set<Ability> needs = EnumSet.noneOf(Ability.class);
        if (unique != null) {
            needs.add(Ability.UNIQUE);
        }
        if (group != null) {
            needs.add(Ability.GROUPS);
        }
        if (expiresInMillis > 0) {
            needs.add(Ability.EXPIRY);
        }
        if (step != null) {
            needs.add(Ability.SCHEDULES);
        }
        return needs;
    }

    /** Whether it asks for nothing. */
    public boolean isNone() {
        return unique == null && group == null && expiresInMillis == 0 && step == null;
    }

    /** How many bytes of a schedule are stored with it. */
    public int stepBytes() {
        return step == null ? 0 : step.after().content().length;
    }

    public JobConstraints withUnique(Unique value) {
        return new JobConstraints(value, group, expiresInMillis, step);
    }

    public JobConstraints withGroup(String value) {
        return new JobConstraints(unique, value, expiresInMillis, step);
    }

    public JobConstraints withExpiresInMillis(long value) {
        return new JobConstraints(unique, group, value, step);
    }

    public JobConstraints withStep(@Nullable ScheduleStep value) {
        return new JobConstraints(unique, group, expiresInMillis, value);
    }
}
