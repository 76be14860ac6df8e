package io.tidemill.queue;

import io.tidemill.lint.CheckReturnValue;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All limits of a queue.
 *
 * <p>Immutable.
 */
@CheckReturnValue
public final class QueueLimits {

    /** None. */
    public static final QueueLimits NONE = new QueueLimits(Limits.NONE, Limits.NONE, Map.of());

    private final Limits queue;
    private final Limits groups;
    private final Map<String, Limits> overrides;

    private QueueLimits(Limits queue, Limits groups, Map<String, Limits> overrides) {
        this.queue = queue;
        this.groups = groups;
        this.overrides = Map.copyOf(overrides);
    }

    /** Of the queue as a whole. */
    public Limits queue() {
        return queue;
    }

    /** Of each group that has none of its own. */
    public Limits groups() {
        return groups;
    }

    /** Of single groups, by name, in place of those; {@link Limits#NONE} frees a group of all limits. */
    public Map<String, Limits> overrides() {
        return overrides;
    }

    /** What holds for this group. */
    public Limits of(String group) {
        return overrides.getOrDefault(group, groups);
    }

    /** The same with other limits of this scope; null removes them, so that a group is limited as each group is. */
    public QueueLimits with(LimitScope scope, @Nullable Limits limits) {
        Limits set = limits == null ? Limits.NONE : limits;
        return scope.match(
                () -> new QueueLimits(set, groups, overrides),
                () -> new QueueLimits(queue, set, overrides),
                group -> new QueueLimits(queue, groups, overridden(group, limits)));
    }

    private Map<String, Limits> overridden(String group, @Nullable Limits limits) {
        Map<String, Limits> changed = new HashMap<>(overrides);
        if (limits == null) {
            changed.remove(group);
        } else {
            changed.put(group, limits);
        }
        return changed;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof QueueLimits that
                && queue.equals(that.queue)
                && groups.equals(that.groups)
                && overrides.equals(that.overrides);
    }

    @Override
    public int hashCode() {
        return Objects.hash(queue, groups, overrides);
    }

    @Override
    public String toString() {
        return "QueueLimits[queue=" + queue + ", groups=" + groups + ", overrides=" + overrides + "]";
    }
}
