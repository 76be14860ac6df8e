package io.tidemill;

import java.lang.annotation.Annotation;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes what classes offer to others as text: public types and their public and protected members, sorted. */
final class ApiDump {

    private ApiDump() {}

    static String of(Collection<Class<?>> classes) {
        return classes.stream()
                .filter(ApiDump::isVisible)
                .sorted(Comparator.comparing(Class::getName))
                .map(ApiDump::describe)
                .collect(Collectors.joining());
    }

    /** Public, and so is everything around it. */
    private static boolean isVisible(Class<?> type) {
        boolean named = !type.isAnonymousClass() && !type.isLocalClass() && !type.isSynthetic();
        return named
                && isVisible(type.getModifiers())
                && (type.getEnclosingClass() == null || isVisible(type.getEnclosingClass()));
    }

    private static boolean isVisible(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static String describe(Class<?> type) {
        StringBuilder text = new StringBuilder(head(type)).append('\n');
        extra(text, "extends", extended(type));
        extra(text, "implements", List.of(type.getGenericInterfaces()));
        extra(text, "permits", type.isSealed() ? List.of(type.getPermittedSubclasses()) : List.of());
        List<String> members = new ArrayList<>();
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isVisible(constructor)) {
                members.add(signature(constructor, type.getName()));
            }
        }
        for (Field field : type.getDeclaredFields()) {
            if (isVisible(field)) {
                members.add(modifiers(field.getModifiers() & Modifier.fieldModifiers())
                        + field.getGenericType().getTypeName() + " " + field.getName());
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            if (isVisible(method) && !method.isBridge()) {
                members.add(signature(method, method.getGenericReturnType().getTypeName() + " " + method.getName())
                        + standard(method));
            }
        }
        members.stream()
                .sorted()
                .forEach(member -> text.append("  ").append(member).append('\n'));
        return text.append('\n').toString();
    }

    private static boolean isVisible(Member member) {
        return isVisible(member.getModifiers()) && !member.isSynthetic();
    }

    private static String head(Class<?> type) {
        String kind = type.isAnnotation()
                ? "@interface "
                : type.isInterface() ? "interface " : type.isEnum() ? "enum " : type.isRecord() ? "record " : "class ";
        int implied = type.isInterface() ? Modifier.ABSTRACT | Modifier.INTERFACE | Modifier.STATIC : 0;
        int odd = type.isEnum() ? Modifier.FINAL | Modifier.ABSTRACT : 0;
        int known = type.getModifiers() & Modifier.classModifiers() & ~implied & ~odd;
        return modifiers(known)
                + (type.isSealed() ? "sealed " : "")
                + kind
                + type.getName()
                + variables(type.getTypeParameters());
    }

    private static List<Type> extended(Class<?> type) {
        Type parent = type.getGenericSuperclass();
        boolean implied =
                parent == null || parent == Object.class || type.isEnum() || type.isRecord() || type.isInterface();
        return implied ? List.of() : List.of(parent);
    }

    private static void extra(StringBuilder text, String word, List<? extends Type> types) {
        boolean annotation = types.size() == 1 && types.get(0).getTypeName().equals("java.lang.annotation.Annotation");
        if (!types.isEmpty() && !annotation) {
            text.append("    ")
                    .append(word)
                    .append(' ')
                    .append(types.stream().map(Type::getTypeName).collect(Collectors.joining(", ")))
                    .append('\n');
        }
    }

    private static String signature(Executable executable, String name) {
        Type[] types = executable.getGenericParameterTypes();
        List<String> parameters = new ArrayList<>();
        for (int i = 0; i < types.length; i++) {
            String type = types[i].getTypeName();
            boolean dots = executable.isVarArgs() && i == types.length - 1;
            parameters.add(dots ? type.substring(0, type.length() - 2) + "..." : type);
        }
        String thrown = Stream.of(executable.getGenericExceptionTypes())
                .map(Type::getTypeName)
                .collect(Collectors.joining(", "));
        String variables = variables(executable.getTypeParameters());
        // Varargs and bridge share their bits with transient and volatile.
        int known = executable.getModifiers()
                & (executable instanceof Method ? Modifier.methodModifiers() : Modifier.constructorModifiers())
                & ~(Modifier.SYNCHRONIZED | Modifier.NATIVE | Modifier.STRICT);
        boolean standard = executable instanceof Method method && method.isDefault();
        return modifiers(known) + (standard ? "default " : "")
                + (variables.isEmpty() ? "" : variables + " ")
                + name + "(" + String.join(", ", parameters) + ")"
                + (thrown.isEmpty() ? "" : " throws " + thrown);
    }

    private static String standard(Method method) {
        Object value = method.getDefaultValue();
        if (value == null) {
            return "";
        }
        if (value instanceof Object[] values) {
            return " default " + List.of(values);
        }
        if (value instanceof Annotation) {
            return " default @" + method.getReturnType().getSimpleName();
        }
        return " default " + (value instanceof String ? "\"" + value + "\"" : value);
    }

    private static String variables(TypeVariable<?>[] variables) {
        return variables.length == 0
                ? ""
                : Stream.of(variables).map(ApiDump::variable).collect(Collectors.joining(", ", "<", ">"));
    }

    private static String variable(TypeVariable<?> variable) {
        String bounds = Stream.of(variable.getBounds())
                .filter(bound -> bound != Object.class)
                .map(Type::getTypeName)
                .collect(Collectors.joining(" & "));
        return variable.getName() + (bounds.isEmpty() ? "" : " extends " + bounds);
    }

    private static String modifiers(int modifiers) {
        return modifiers == 0 ? "" : Modifier.toString(modifiers) + " ";
    }
}
