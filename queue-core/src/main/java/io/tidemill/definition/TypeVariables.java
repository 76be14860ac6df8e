package io.tidemill.definition;

import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the type variables of a class's supertypes stand for: in {@code OrderHandler implements Handler<Order>} the
 * {@code T} of {@code Handler} is {@code Order}. Immutable.
 */
final class TypeVariables {

    private final Map<TypeVariable<?>, Type> known = new HashMap<>();

    TypeVariables(Class<?> type) {
        collect(type);
    }

    private TypeVariables(Type type) {
        collect(type);
    }

    private void collect(@Nullable Type type) {
        if (type instanceof ParameterizedType generic && generic.getRawType() instanceof Class<?> raw) {
            Type[] arguments = generic.getActualTypeArguments();
            for (int i = 0; i < arguments.length; i++) {
                known.putIfAbsent(raw.getTypeParameters()[i], arguments[i]);
            }
            collect(raw);
        } else if (type instanceof Class<?> plain) {
            collect(plain.getGenericSuperclass());
            Arrays.stream(plain.getGenericInterfaces()).forEach(this::collect);
        }
    }

    /** The type with every variable replaced that is known; a wildcard becomes its upper bound. */
    Type resolve(Type type) {
        if (type instanceof TypeVariable<?> variable) {
            Type found = known.get(variable);
            return found == null ? variable : resolve(found);
        }
        if (type instanceof WildcardType wildcard) {
            return resolve(wildcard.getUpperBounds()[0]);
        }
        if (type instanceof GenericArrayType array) {
            Type element = resolve(array.getGenericComponentType());
            return element instanceof Class<?> plain
                    ? Array.newInstance(plain, 0).getClass()
                    : new ArrayOf(element);
        }
        if (type instanceof ParameterizedType generic) {
            List<Type> arguments = Arrays.stream(generic.getActualTypeArguments())
                    .map(this::resolve)
                    .toList();
            return arguments.equals(List.of(generic.getActualTypeArguments()))
                    ? generic
                    : new Generic(generic.getRawType(), arguments, generic.getOwnerType());
        }
        return type;
    }

    /** What a stage of this type completes with; {@code Object} if its type does not say. */
    Type valueOf(Type stage) {
        Type known = resolve(stage);
        Type value = new TypeVariables(known).resolve(CompletionStage.class.getTypeParameters()[0]);
        boolean isRaw = value instanceof TypeVariable<?> variable
                && variable.getGenericDeclaration() instanceof Class<?> declaring
                && CompletionStage.class.isAssignableFrom(declaring);
        return isRaw ? Object.class : value;
    }

    /** The classes of a method's parameters, with the variables that are known replaced. */
    List<Class<?>> parameters(Method method) {
        return Arrays.stream(method.getGenericParameterTypes()).map(this::erase).collect(Collectors.toList());
    }

    /** The class of a type, with the variables that are known replaced. */
    Class<?> erase(Type declared) {
        Type type = resolve(declared);
        if (type instanceof Class<?> plain) {
            return plain;
        }
        if (type instanceof ParameterizedType generic) {
            return erase(generic.getRawType());
        }
        if (type instanceof GenericArrayType array) {
            return Array.newInstance(erase(array.getGenericComponentType()), 0).getClass();
        }
        return erase(((TypeVariable<?>) type).getBounds()[0]);
    }

    private record ArrayOf(Type element) implements GenericArrayType {

        @Override
        public Type getGenericComponentType() {
            return element;
        }

        @Override
        public String toString() {
            return element.getTypeName() + "[]";
        }
    }

    private record Generic(
            Type raw, List<Type> arguments, @Nullable Type owner) implements ParameterizedType {

        @Override
        public Type[] getActualTypeArguments() {
            return arguments.toArray(new Type[0]);
        }

        @Override
        public Type getRawType() {
            return raw;
        }

        @Override
        public @Nullable Type getOwnerType() {
            return owner;
        }

        @Override
        public String toString() {
            return raw.getTypeName()
                    + arguments.stream().map(Type::getTypeName).collect(Collectors.joining(", ", "<", ">"));
        }
    }
}
