package io.tidemill.definition;

import io.tidemill.task.Secret;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which arguments of a method are marked {@link Secret}, or have parts that are. */
public final class Secrets {

    private final Set<Type> seen = new HashSet<>();

    private Secrets() {}

    /** The positions of arguments that are marked as a whole, on the method itself. */
    static Set<Integer> marked(Method method) {
        Set<Integer> marked = new LinkedHashSet<>();
        for (int i = 0; i < method.getParameterCount(); i++) {
            if (method.getParameters()[i].isAnnotationPresent(Secret.class)) {
                marked.add(i);
            }
        }
        return marked;
    }

    /** The positions of arguments whose types have marked parts. */
    static Set<Integer> partly(List<Type> types) {
        Set<Integer> partly = new LinkedHashSet<>();
        for (int i = 0; i < types.size(); i++) {
            if (new Secrets().isIn(types.get(i))) {
                partly.add(i);
            }
        }
        return partly;
    }

    /** Whether any part of a value of this type is marked. */
    public static boolean areIn(Type type) {
        return new Secrets().isIn(type);
    }

    private boolean isIn(Type type) {
        if (!seen.add(type)) {
            return false;
        }
        if (type instanceof ParameterizedType generic) {
            return isIn(generic.getRawType())
                    || Arrays.stream(generic.getActualTypeArguments()).anyMatch(this::isIn);
        }
        if (type instanceof GenericArrayType array) {
            return isIn(array.getGenericComponentType());
        }
        if (type instanceof WildcardType wildcard) {
            return Arrays.stream(wildcard.getUpperBounds()).anyMatch(this::isIn);
        }
        if (type instanceof TypeVariable<?> variable) {
            return Arrays.stream(variable.getBounds()).anyMatch(this::isIn);
        }
        return type instanceof Class<?> plain && isInClass(plain);
    }

    private boolean isInClass(Class<?> type) {
        if (type.isArray()) {
            return isIn(type.getComponentType());
        }
        if (type.isPrimitive() || type.isEnum() || isOfJdk(type)) {
            return false;
        }
        for (Field field : type.getDeclaredFields()) {
            if (isMarked(field) || (!Modifier.isStatic(field.getModifiers()) && isIn(field.getGenericType()))) {
                return true;
            }
        }
        // What Jackson writes may come from a getter or go into a constructor.
        for (Method method : type.getDeclaredMethods()) {
            boolean isGetter = method.getParameterCount() == 0 && !Modifier.isStatic(method.getModifiers());
            if (isMarked(method) || (isGetter && isIn(method.getGenericReturnType()))) {
                return true;
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (Arrays.stream(constructor.getParameters()).anyMatch(Secrets::isMarked)) {
                return true;
            }
        }
        Class<?>[] permitted = type.getPermittedSubclasses();
        return (type.getGenericSuperclass() != null && isIn(type.getGenericSuperclass()))
                || Arrays.stream(type.getGenericInterfaces()).anyMatch(this::isIn)
                || (permitted != null && Arrays.stream(permitted).anyMatch(this::isIn));
    }

    private static boolean isMarked(AnnotatedElement element) {
        return element.isAnnotationPresent(Secret.class);
    }

    private static boolean isOfJdk(Class<?> type) {
        return type.getName().startsWith("java.") || type.getName().startsWith("javax.");
    }
}
