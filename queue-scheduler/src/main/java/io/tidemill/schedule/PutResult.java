package io.tidemill.schedule;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became of one schedule of {@link Schedules#putAll}.
 *
 * <p>Immutable. Made by {@link Schedules}.
 */
public final class PutResult {

    private final String name;
    private final boolean isChanged;
    private final @Nullable RuntimeException failure;

    private PutResult(String name, boolean isChanged, @Nullable RuntimeException failure) {
        this.name = name;
        this.isChanged = isChanged;
        this.failure = failure;
    }

    static PutResult changed(String name) {
        return new PutResult(name, true, null);
    }

    static PutResult unchanged(String name) {
        return new PutResult(name, false, null);
    }

    static PutResult failed(String name, RuntimeException failure) {
        return new PutResult(name, false, failure);
    }

    /** The name of the schedule. */
    public String name() {
        return name;
    }

    /** Whether it was stored or changed. If not, it is there already as it was to be, or {@link #failure} says why. */
    public boolean isChanged() {
        return isChanged;
    }

    /** Why it was not stored: what {@link Schedules#put} would have thrown. Empty if it is stored. */
    public Optional<RuntimeException> failure() {
        return Optional.ofNullable(failure);
    }

    /**
     * Whether anything was changed, as {@link Schedules#put} returns it.
     *
     * @throws RuntimeException the failure, if there is one
     */
    boolean orThrow() {
        if (failure != null) {
            throw failure;
        }
        return isChanged;
    }

    @Override
    public String toString() {
        return "schedule " + name + (failure == null ? isChanged ? " is stored" : " was there" : ": " + failure);
    }
}
