package io.tidemill.queue;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * What limits one thing, a queue or a group: at most one limit of each kind, and all of them hold.
 *
 * @param rate how often its jobs start; null for no limit
 * @param concurrency how many of them run at once; null for no limit
 */
public record Limits(Limit.@Nullable Rate rate, Limit.@Nullable Concurrency concurrency) {

    /** No limit. */
    public static final Limits NONE = new Limits(null, null);

    /**
     * All of these together.
     *
     * @throws IllegalArgumentException if two of them are of one kind
     */
    public static Limits of(Collection<? extends Limit> limits) {
        Limits all = NONE;
        for (Limit limit : limits) {
            Limits more = all.with(limit);
            if (more.size() == all.size()) {
                throw new IllegalArgumentException(
                        "there may be one limit of a kind, but one of these replaces another: " + limits);
            }
            all = more;
        }
        return all;
    }

    /** These, and one more, which takes the place of one of its kind. */
    public Limits with(Limit limit) {
        return limit.in(this);
    }

    private int size() {
        return (rate == null ? 0 : 1) + (concurrency == null ? 0 : 1);
    }

    /** Whether a job that waits to be tried again holds up the others, see {@link Limit#inOrder}. */
    public boolean isInOrder() {
        return concurrency != null && concurrency.inOrder();
    }

    /** Whether there is no limit. */
    public boolean isNone() {
        return rate == null && concurrency == null;
    }
}
