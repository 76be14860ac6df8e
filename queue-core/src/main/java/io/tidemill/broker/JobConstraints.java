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
 */
public record JobConstraints(
        @Nullable Unique unique, @Nullable String group, long expiresInMillis) {

    /** Nothing. */
    public static final JobConstraints NONE = new JobConstraints(null, null, 0);

    /** Checks the group's name and the range of the time. */
    public JobConstraints {
        if (group != null) {
            PrintableText.check("group", group);
        }
        if (expiresInMillis < 0) {
            throw new IllegalArgumentException("expiresInMillis must be 0 or more, got " + expiresInMillis);
        }
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
        return needs;
    }

    /** Whether it asks for nothing. */
    public boolean isNone() {
        return unique == null && group == null && expiresInMillis == 0;
    }

    public JobConstraints withUnique(Unique value) {
        return new JobConstraints(value, group, expiresInMillis);
    }

    public JobConstraints withGroup(String value) {
        return new JobConstraints(unique, value, expiresInMillis);
    }

    public JobConstraints withExpiresInMillis(long value) {
        return new JobConstraints(unique, group, value);
    }
}
