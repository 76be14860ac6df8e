package io.tidemill.task;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;

/**
 * A type with its parameters, which a {@code Class} cannot say: {@code new TypeRef<List<Order>>() {}}, with the braces.
 *
 * <p>Immutable.
 *
 * @param <R> the type
 */
public abstract class TypeRef<R> {

    private final Type type;

    /** The type that stands between the angle brackets of the subclass. */
    protected TypeRef() {
        if (!(getClass().getGenericSuperclass() instanceof ParameterizedType generic)
                || generic.getRawType() != TypeRef.class) {
            throw new IllegalArgumentException("a TypeRef is made as new TypeRef<List<Order>>() {}, with its type");
        }
        type = generic.getActualTypeArguments()[0];
    }

    /** The type. */
    public final Type type() {
        return type;
    }
}
