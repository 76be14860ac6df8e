package io.tidemill.schedule;

import io.tidemill.lint.CheckReturnValue;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of due times that nobody could fire in time, as while all processes were stopped or the broker was away.
 * A due time is missed when it is later than the schedule's grace; see {@link Schedule#withGrace}. One that is late but
 * within the grace fires as if it were on time.
 *
 * <p>Immutable and thread-safe.
 */
@CheckReturnValue
public final class Misfire {

    /** Most missed due times that are made up for: 1,000. */
    public static final int MAX = 1_000;

    /** What is missed is left out. */
    public static final Misfire SKIP = new Misfire("SKIP", 0);

    /**
     * The default. However many were missed, the newest of them fires, and those before it are left out: a nightly
     * report is written once after a weekend without power.
     */
    public static final Misfire ONCE = new Misfire("ONCE", 1);

    private final String name;
    private final int most;

    private Misfire(String name, int most) {
        this.name = name;
        this.most = most;
    }

    /**
     * Each missed due time fires, in order; of more than so many the newest.
     *
     * @param most 1 to {@value #MAX}
     * @throws IllegalArgumentException if it is out of range
     */
    public static Misfire all(int most) {
        if (most < 1 || most > MAX) {
            throw new IllegalArgumentException("misfire all must be 1 to " + MAX + ", got " + most);
        }
        return new Misfire("ALL", most);
    }

    /** What the codec writes. */
    static Misfire parse(String name, int most) {
        return switch (name) {
            case "SKIP" -> SKIP;
            case "ONCE" -> ONCE;
            case "ALL" -> all(most);
            default -> throw new IllegalArgumentException("misfire \"" + name + "\" is not known here");
        };
    }

    /** {@code SKIP}, {@code ONCE} or {@code ALL}. */
    public String name() {
        return name;
    }

    /** How many missed due times fire at most. */
    public int most() {
        return most;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Misfire that && name.equals(that.name) && most == that.most;
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, most);
    }

    @Override
    public String toString() {
        return name.equals("ALL") ? "all, at most " + most : name.toLowerCase(Locale.ROOT);
    }
}
