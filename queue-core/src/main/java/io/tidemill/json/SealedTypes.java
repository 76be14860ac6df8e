package io.tidemill.json;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import io.tidemill.task.PayloadException;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Distinguishes the classes of a sealed type by a field {@value #TAG}, which holds the simple name of the class, as in
 * <code>{"@type":"Circle","radius":2}</code>. The reader looks the name up in the closed list of permitted classes; no
 * class is ever loaded by it. Annotations of the user's own come first, but none may name classes.
 *
 * <p>Thread-safe.
 */
public final class SealedTypes extends JacksonAnnotationIntrospector {

    static final String TAG = "@type";

    private static final long serialVersionUID = 1L;

    private static final JsonTypeInfo.Value BY_SIMPLE_NAME = JsonTypeInfo.Value.construct(
            JsonTypeInfo.Id.SIMPLE_NAME, JsonTypeInfo.As.PROPERTY, TAG, null, false, null, null);

    @Override
    public JsonTypeInfo.@Nullable Value findPolymorphicTypeInfo(MapperConfig<?> config, Annotated annotated) {
        JsonTypeInfo.Value asked = super.findPolymorphicTypeInfo(config, annotated);
        if (asked == null) {
            return annotated instanceof AnnotatedClass && isSealed(annotated.getRawType()) ? BY_SIMPLE_NAME : null;
        }
        if (asked.getIdType() == JsonTypeInfo.Id.CLASS || asked.getIdType() == JsonTypeInfo.Id.MINIMAL_CLASS) {
            throw new PayloadException(
                    annotated.getName() + " has @JsonTypeInfo with class names, and no payload may name a class;"
                            + " use names (JsonTypeInfo.Id.NAME), or a sealed type",
                    null);
        }
        return asked;
    }

    @Override
    public @Nullable List<NamedType> findSubtypes(Annotated annotated) {
        List<NamedType> named = super.findSubtypes(annotated);
        if (named == null && annotated instanceof AnnotatedClass && isSealed(annotated.getRawType())) {
            named = new ArrayList<>();
            for (Class<?> each : permitted(annotated.getRawType())) {
                named.add(new NamedType(each));
            }
        }
        return named;
    }

    /**
     * Whether values of a type get a tag. An enum whose constants have bodies is sealed, too, and needs none; nor do
     * types of the JDK, which have a form of their own (from some version on {@code ZoneId} is sealed).
     */
    public static boolean isSealed(Class<?> type) {
        return type.isSealed() && !type.isEnum() && !Difference.isOfJdk(type);
    }

    /**
     * The sealed type that an object of this class is read as where any of its kind may stand; else the class itself.
     */
    public static Class<?> asRead(Class<?> type) {
        List<Class<?>> above = new ArrayList<>(List.of(type.getInterfaces()));
        if (type.getSuperclass() != null) {
            above.add(type.getSuperclass());
        }
        for (Class<?> each : above) {
            Class<?> highest = asRead(each);
            if (isSealed(highest)) {
                return highest;
            }
        }
        return type;
    }

    /** Every class that an object of this sealed type may have, sealed types below it resolved. */
    public static Set<Class<?>> permitted(Class<?> type) {
        Set<Class<?>> all = new LinkedHashSet<>();
        collect(type, all);
        return all;
    }

    /**
     * Whether {@link #permitted} has every class that an object of this type may have: none of them can be extended.
     */
    public static boolean isClosed(Class<?> type) {
        return type.isEnum()
                || Modifier.isFinal(type.getModifiers())
                || (type.isSealed()
                        && Arrays.stream(type.getPermittedSubclasses()).allMatch(SealedTypes::isClosed));
    }

    private static void collect(Class<?> type, Set<Class<?>> all) {
        if (!Modifier.isAbstract(type.getModifiers()) || type.isEnum()) {
            all.add(type);
        }
        if (isSealed(type)) {
            for (Class<?> each : type.getPermittedSubclasses()) {
                collect(each, all);
            }
        }
    }
}
