package io.tidemill.workflow;

import io.tidemill.plan.StepKind;
import io.tidemill.task.TaskDefinition;
import java.lang.invoke.MethodType;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Refuses a step whose argument would not come back as what the step before gave. A value is written as the type that
 * its step declares, and read as the type that the next one declares. The compiler lets a subtype pass, but the text of
 * a {@code Circle} read as a {@code Shape} fails or loses what makes it a circle, and an {@code Instant} read as an
 * {@code Object} is a text. So both have to declare the same type; a list may be taken as a collection.
 */
final class StepTypes {

    private final List<StepDefinition> steps;
    private final List<String> names;

    private StepTypes(List<StepDefinition> steps, List<String> names) {
        this.steps = steps;
        this.names = names;
    }

    /**
     * Looks at each argument that comes from a step. Tasks that are known by name only are not looked at.
     *
     * @throws IllegalArgumentException naming both steps and both types
     */
    static void check(List<StepDefinition> steps, List<String> names) {
        StepTypes types = new StepTypes(steps, names);
        for (int step = 0; step < steps.size(); step++) {
            types.check(step);
        }
    }

    private void check(int step) {
        StepDefinition definition = steps.get(step);
        StepDefinition undo = definition.compensation();
        if (undo != null && undo.declared() != null && undo.sources().findAny().isPresent()) {
            check(step, undo.declared().parameterTypes().get(0), step);
        }
        TaskDefinition declared = definition.declared();
        if (declared == null || !definition.kind().hasTask()) {
            return;
        }
        for (int i = 0; i < definition.inputs().size(); i++) {
            if (definition.inputs().get(i) instanceof StepDefinition.Input.Of input) {
                Type parameter = declared.parameterTypes().get(i);
                if (definition.kind() == StepKind.MAP) {
                    checkElements(input.step(), parameter, step);
                } else {
                    check(input.step(), parameter, step);
                }
            }
        }
    }

    /** Whether what a step gives may be read as this type. */
    private void check(int source, Type parameter, int step) {
        StepDefinition definition = steps.get(source);
        switch (definition.kind()) {
            case COLLECT, MAPPED -> checkList(source, parameter, step);
            case FIRST ->
                definition.inputs().stream()
                        .flatMapToInt(StepDefinition.Input::sources)
                        .forEach(each -> check(each, parameter, step));
            case GIVEN -> refuseUnless(isSame(Boolean.class, parameter), source, Boolean.class, parameter, step);
            default -> {
                Type given = given(definition);
                refuseUnless(given == null || isSame(given, parameter), source, given, parameter, step);
            }
        }
    }

    /** What the task of a step gives; null if that is nothing, or not known. */
    private static @Nullable Type given(StepDefinition definition) {
        TaskDefinition declared = definition.declared();
        return declared == null || declared.resultType() == void.class || declared.resultType() == Void.class
                ? null
                : declared.resultType();
    }

    private void checkList(int source, Type parameter, int step) {
        Type element = parameter instanceof ParameterizedType list
                        && list.getRawType() instanceof Class<?> raw
                        && raw.isAssignableFrom(List.class)
                ? list.getActualTypeArguments()[0]
                : null;
        refuseUnless(element != null, source, List.class, parameter, step);
        if (element == null) {
            return;
        }
        StepDefinition definition = steps.get(source);
        if (definition.kind() == StepKind.MAPPED) {
            Type given = definition.inputs().stream()
                    .flatMapToInt(StepDefinition.Input::sources)
                    .mapToObj(map -> given(steps.get(map)))
                    .findFirst()
                    .orElse(null);
            refuseUnless(given == null || isSame(given, element), source, given, element, step);
        } else {
            definition.inputs().stream()
                    .flatMapToInt(StepDefinition.Input::sources)
                    .forEach(each -> check(each, bound(element), step));
        }
    }

    /** Whether each element of what a step gives may be read as this type. */
    private void checkElements(int source, Type parameter, int step) {
        StepDefinition definition = steps.get(source);
        Type given = given(definition);
        if (definition.kind() == StepKind.COLLECT) {
            definition.inputs().stream()
                    .flatMapToInt(StepDefinition.Input::sources)
                    .forEach(each -> check(each, parameter, step));
        } else if (definition.kind() == StepKind.MAPPED) {
            definition.inputs().stream()
                    .flatMapToInt(StepDefinition.Input::sources)
                    .mapToObj(map -> given(steps.get(map)))
                    .forEach(each ->
                            refuseUnless(each == null || isSame(each, parameter), source, each, parameter, step));
        } else if (definition.kind() == StepKind.FIRST) {
            definition.inputs().stream()
                    .flatMapToInt(StepDefinition.Input::sources)
                    .forEach(each -> checkElements(each, parameter, step));
        } else if (given instanceof ParameterizedType list && list.getActualTypeArguments().length == 1) {
            Type element = list.getActualTypeArguments()[0];
            refuseUnless(isSame(element, parameter), source, element, parameter, step);
        }
    }

    private static boolean isSame(Type given, Type taken) {
        Type from = bound(given);
        Type to = bound(taken);
        if (from.equals(to) || from instanceof TypeVariable || to instanceof TypeVariable) {
            return true;
        }
        if (from instanceof GenericArrayType some && to instanceof GenericArrayType other) {
            return isSame(some.getGenericComponentType(), other.getGenericComponentType());
        }
        return from instanceof ParameterizedType some
                && to instanceof ParameterizedType other
                && isSameRaw((Class<?>) some.getRawType(), (Class<?>) other.getRawType())
                && areSame(some.getActualTypeArguments(), other.getActualTypeArguments());
    }

    /** A list, a set and a collection are the same text, and so are all maps. */
    private static boolean isSameRaw(Class<?> given, Class<?> taken) {
        return given == taken
                || (taken.isAssignableFrom(given)
                        && (Collection.class.isAssignableFrom(given) || Map.class.isAssignableFrom(given)));
    }

    private static boolean areSame(Type[] given, Type[] taken) {
        boolean same = given.length == taken.length;
        for (int i = 0; same && i < given.length; i++) {
            same = isSame(given[i], taken[i]);
        }
        return same;
    }

    /** A wildcard stands for its bound, and a primitive for its class. */
    private static Type bound(Type type) {
        if (type instanceof WildcardType wildcard) {
            return bound(wildcard.getUpperBounds()[0]);
        }
        return type instanceof Class<?> raw && raw.isPrimitive()
                ? MethodType.methodType(raw).wrap().returnType()
                : type;
    }

    private void refuseUnless(boolean isSame, int source, @Nullable Type given, Type taken, int step) {
        if (!isSame) {
            throw new IllegalArgumentException("step \"" + names.get(step) + "\" takes " + taken.getTypeName()
                    + " and step \"" + names.get(source) + "\" gives "
                    + (given == null ? "something else" : given.getTypeName())
                    + ": it would be read as another type than it was written as; declare the same type in both");
        }
    }
}
