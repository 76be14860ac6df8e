package io.tidemill.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.net.URL;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The first place where a value that was written and read back is not what it was. Goes through collections, maps,
 * arrays, records and the fields of objects, so that it needs no {@code equals}, and so that a subclass that came back
 * as its superclass is seen even if the two call themselves equal.
 *
 * <ul>
 *   <li>A number of no declared type may come back as another class, if its value is the same to the last digit.
 *   <li>A collection may come back as another kind of list, set or map, if it holds the same.
 *   <li>Where fields differ, an object's own {@code equals} has the last word: fields may be caches.
 *   <li>Transient fields are not compared.
 * </ul>
 *
 * @param text what is different and where; holds types and no values
 * @param isClass whether a class came back as another: then no {@code equals} is asked
 */
public record Difference(String text, boolean isClass) {

    /** The difference; null if there is none. */
    public static @Nullable Difference between(@Nullable Object went, @Nullable Object came) {
        return new Comparison().compare(went, came, "");
    }

    public static boolean isOfJdk(Class<?> type) {
        ClassLoader loader = type.getClassLoader();
        return loader == null || loader == ClassLoader.getPlatformClassLoader();
    }

    /** Whether objects of a class hold anything of their own, beside what a superclass of the JDK holds. */
    public static boolean hasFields(Class<?> type) {
        for (Class<?> each = type; each != null && !isOfJdk(each); each = each.getSuperclass()) {
            if (Arrays.stream(each.getDeclaredFields()).anyMatch(Difference::isCompared)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isCompared(Field field) {
        return (field.getModifiers() & (Modifier.STATIC | Modifier.TRANSIENT)) == 0 && !field.isSynthetic();
    }

    private static final class Comparison {

        /** What is being compared further up: objects may refer to each other in a circle. */
        private final IdentityHashMap<Object, Object> open = new IdentityHashMap<>();

        @Nullable
        Difference compare(@Nullable Object went, @Nullable Object came, String at) {
            if (went == came) {
                return null;
            }
            if (went == null || came == null) {
                return other(went, came, at);
            }
            if (open.put(went, came) == came) {
                return null;
            }
            try {
                return compareObjects(went, came, at);
            } finally {
                open.remove(went);
            }
        }

        private @Nullable Difference compareObjects(Object went, Object came, String at) {
            if (went instanceof Map<?, ?> map) {
                return came instanceof Map<?, ?> other ? maps(map, other, at) : other(went, came, at);
            }
            if (went instanceof Collection<?> all) {
                return came instanceof Collection<?> other ? collections(all, other, at) : other(went, came, at);
            }
            if (went instanceof JsonNode node && came instanceof JsonNode other) {
                return node.equals(Comparison::nodes, other) ? null : changed(went, at);
            }
            if (went instanceof Map.Entry<?, ?> entry && came instanceof Map.Entry<?, ?> other) {
                Difference difference = compare(entry.getKey(), other.getKey(), at);
                return difference == null ? compare(entry.getValue(), other.getValue(), at) : difference;
            }
            Class<?> type = went.getClass();
            if (type != came.getClass()) {
                return went instanceof Number a && came instanceof Number b && sameNumber(a, b)
                        ? null
                        : other(went, came, at);
            }
            if (type.isArray()) {
                return arrays(went, came, at);
            }
            if (went instanceof Optional<?> optional) {
                return compare(optional.orElse(null), ((Optional<?>) came).orElse(null), at);
            }
            if (went instanceof AtomicReference<?> reference) {
                return compare(reference.get(), ((AtomicReference<?>) came).get(), at);
            }
            if (isOfJdk(type)) {
                return sameOfJdk(went, came) ? null : changed(went, at);
            }
            Difference found = fields(went, came, at);
            return found != null && !found.isClass() && overridesEquals(type) && went.equals(came) && came.equals(went)
                    ? null
                    : found;
        }

        private @Nullable Difference maps(Map<?, ?> went, Map<?, ?> came, String at) {
            if (went.size() != came.size() || !sameOrder(went, came)) {
                return changed(went, at);
            }
            Iterator<? extends Map.Entry<?, ?>> others = came.entrySet().iterator();
            for (Map.Entry<?, ?> entry : went.entrySet()) {
                // Both mostly come in the same order.
                Map.Entry<?, ?> found = others.next();
                if (compare(entry.getKey(), found.getKey(), at) != null) {
                    found = find(came, entry.getKey(), at);
                }
                if (found == null) {
                    return new Difference(
                            place(at) + "a key, " + nameOf(entry.getKey()) + ", comes back changed", false);
                }
                Difference difference = compare(entry.getValue(), found.getValue(), at + "[key]");
                if (difference != null) {
                    return difference;
                }
            }
            return null;
        }

        private Map.@Nullable Entry<?, ?> find(Map<?, ?> map, @Nullable Object key, String at) {
            if (key != null && isOfJdk(key.getClass()) && map instanceof HashMap<?, ?> && map.containsKey(key)) {
                return new AbstractMap.SimpleEntry<>(key, map.get(key));
            }
            for (Map.Entry<?, ?> each : map.entrySet()) {
                if (compare(key, each.getKey(), at) == null) {
                    return each;
                }
            }
            return null;
        }

        private @Nullable Difference collections(Collection<?> went, Collection<?> came, String at) {
            if (went.size() != came.size() || !sameOrder(went, came)) {
                return changed(went, at);
            }
            if (went instanceof Set<?> != came instanceof Set<?>) {
                return other(went, came, at);
            }
            if (went instanceof Set<?> wanted) {
                return sets(wanted, (Set<?>) came, at);
            }
            Iterator<?> others = came.iterator();
            int index = 0;
            for (Object each : went) {
                Difference difference = compare(each, others.next(), at + "[" + index++ + "]");
                if (difference != null) {
                    return difference;
                }
            }
            return null;
        }

        private @Nullable Difference sets(Set<?> went, Set<?> came, String at) {
            List<Object> strangers = new ArrayList<>();
            for (Object each : went) {
                boolean isPlain = each != null && isOfJdk(each.getClass()) && came instanceof HashSet<?>;
                if (!isPlain || !came.contains(each)) {
                    strangers.add(each);
                }
            }
            for (Object each : strangers) {
                if (came.stream().noneMatch(other -> compare(each, other, at) == null)) {
                    return changed(went, at);
                }
            }
            return null;
        }

        private @Nullable Difference arrays(Object went, Object came, String at) {
            int length = Array.getLength(went);
            if (length != Array.getLength(came)) {
                return changed(went, at);
            }
            for (int i = 0; i < length; i++) {
                Difference difference = compare(Array.get(went, i), Array.get(came, i), at + "[" + i + "]");
                if (difference != null) {
                    return difference;
                }
            }
            return null;
        }

        private @Nullable Difference fields(Object went, Object came, String at) {
            Class<?> type = went.getClass();
            if (type.isEnum() || went instanceof Enum<?>) {
                return changed(went, at);
            }
            try {
                Class<?> each = type;
                for (; !isOfJdk(each); each = each.getSuperclass()) {
                    for (Field field : each.getDeclaredFields()) {
                        if (isCompared(field)) {
                            field.setAccessible(true);
                            Difference difference =
                                    compare(field.get(went), field.get(came), at + "." + field.getName());
                            if (difference != null) {
                                return difference;
                            }
                        }
                    }
                }
                boolean bare = each == Object.class || each == Record.class;
                return bare || went.equals(came) ? null : changed(went, at);
            } catch (IllegalAccessException | InaccessibleObjectException e) {
                return went.equals(came) ? null : changed(went, at);
            }
        }

        private static int nodes(JsonNode a, JsonNode b) {
            if (a.isNumber() && b.isNumber()) {
                return sameNumber(a.numberValue(), b.numberValue()) ? 0 : 1;
            }
            return a.equals(b) ? 0 : 1;
        }

        private static boolean sameOrder(Object went, Object came) {
            if (went instanceof SortedMap<?, ?> map) {
                return !(came instanceof SortedMap<?, ?> other) || Objects.equals(map.comparator(), other.comparator());
            }
            return !(went instanceof SortedSet<?> set)
                    || !(came instanceof SortedSet<?> other)
                    || Objects.equals(set.comparator(), other.comparator());
        }

        private static boolean sameNumber(Number went, Number came) {
            try {
                return new BigDecimal(went.toString()).compareTo(new BigDecimal(came.toString())) == 0
                        && isNegativeZero(went) == isNegativeZero(came);
            } catch (NumberFormatException e) {
                return false; // not a number, infinite, or a kind of number that nobody knows
            }
        }

        private static boolean isNegativeZero(Number number) {
            return Double.compare(number.doubleValue(), -0.0) == 0;
        }

        private static boolean sameOfJdk(Object went, Object came) {
            if (went instanceof Pattern pattern) {
                return pattern.flags() == ((Pattern) came).flags()
                        && pattern.pattern().equals(((Pattern) came).pattern());
            }
            if (went instanceof URL url) {
                // Its equals asks the network.
                return url.toExternalForm().equals(((URL) came).toExternalForm());
            }
            if (overridesEquals(went.getClass())) {
                return went.equals(came);
            }
            boolean isItsText = went instanceof Number
                    || went instanceof CharSequence
                    || went instanceof java.util.concurrent.atomic.AtomicBoolean;
            return isItsText && went.toString().contentEquals(came.toString());
        }

        private static boolean overridesEquals(Class<?> type) {
            try {
                return type.getMethod("equals", Object.class).getDeclaringClass() != Object.class;
            } catch (NoSuchMethodException e) {
                throw new IllegalStateException("every class has equals", e);
            }
        }

        private static Difference other(@Nullable Object went, @Nullable Object came, String at) {
            return new Difference(
                    place(at) + nameOf(went) + " comes back as " + nameOf(came), went != null && came != null);
        }

        private static Difference changed(Object value, String at) {
            return new Difference(place(at) + nameOf(value) + " comes back changed", false);
        }

        private static String place(String at) {
            return at.isEmpty() ? "" : "at " + at + ", ";
        }

        private static String nameOf(@Nullable Object value) {
            return value == null ? "null" : value.getClass().getTypeName();
        }
    }
}
