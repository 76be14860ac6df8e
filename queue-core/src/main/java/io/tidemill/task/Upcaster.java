package io.tidemill.task;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes the arguments of a job from one {@link Task#version} of its task to the next, before they are read into the
 * declared types: see {@code TaskQueueBuilder.upcaster}.
 *
 * <p>Arguments are trees: an object is a {@code Map<String, Object>} in the order of its fields, an array a
 * {@code List<Object>}, a number an {@code Integer}, {@code Long}, {@code BigInteger} or {@code BigDecimal}, and the
 * rest {@code String}, {@code Boolean} or null. All of them may be changed in place.
 *
 * <p>A job may be read more than once, so an upcaster gives the same for the same arguments. What it throws makes the
 * job dead, with its bytes as they are; an error of the machine, as a full heap, is tried again.
 *
 * <p>Implementations must be thread-safe.
 */
@FunctionalInterface
public interface Upcaster {

    /** The highest {@link Task#version}. */
    int MAX_VERSION = 1_000;

    /**
     * The arguments of the next version.
     *
     * @param arguments those of this version, in their order; may be changed and returned
     */
    List<@Nullable Object> upcast(List<@Nullable Object> arguments);

    /** Changes nothing: the next version reads the arguments of this one. */
    static Upcaster unchanged() {
        return arguments -> arguments;
    }
}
