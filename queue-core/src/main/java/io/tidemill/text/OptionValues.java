package io.tidemill.text;

import java.util.function.Consumer;

/**
 * The values behind a class of options. Each is a field with its default; a {@code with} method of the options changes
 * one of them in a copy.
 *
 * <p>Not thread-safe while it is made; not changed any more once the options hold it.
 *
 * @param <V> the class itself
 */
public abstract class OptionValues<V extends OptionValues<V>> implements Cloneable {

    /** Throws an {@link IllegalArgumentException} for a value out of its range. */
    protected abstract void check();

    /** A copy with this change, checked. */
    @SuppressWarnings("unchecked") // the class itself
    public final V with(Consumer<? super V> change) {
        try {
            V copy = (V) clone();
            change.accept(copy);
            copy.check();
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("it is cloneable", e);
        }
    }
}
