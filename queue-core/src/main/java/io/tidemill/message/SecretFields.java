package io.tidemill.message;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.ser.BeanPropertyWriter;
import com.fasterxml.jackson.databind.ser.PropertyWriter;
import com.fasterxml.jackson.databind.ser.impl.BeanAsArraySerializer;
import com.fasterxml.jackson.databind.ser.std.BeanSerializerBase;
import io.tidemill.definition.Secrets;
import io.tidemill.json.SealedTypes;
import io.tidemill.task.Secret;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Where in the JSON of a type parts stand that are marked {@link Secret}. Asks the serializers, which know the names
 * that are written. Where that cannot be said, as of a type within itself, more is hidden. One object reads one type.
 */
final class SecretFields {

    /** With more of them, the whole value is hidden. */
    private static final int MAX_PATHS = 64;

    private final ObjectMapper mapper;
    private final SerializerProvider serializers;
    private final List<String> found = new ArrayList<>();
    /** The types around the one that is read, with the places where they stand again within themselves. */
    private final Map<JavaType, List<String>> around = new HashMap<>();

    private SecretFields(ObjectMapper mapper) {
        this.mapper = mapper;
        this.serializers = mapper.getSerializerProviderInstance();
    }

    /** The paths, relative to a value of the type; the empty one is the whole value. */
    static List<String> of(ObjectMapper mapper, JavaType type) {
        SecretFields fields = new SecretFields(mapper);
        fields.read(type, "");
        return fields.found.size() > MAX_PATHS ? List.of("") : List.copyOf(fields.found);
    }

    private void read(JavaType type, String path) {
        if (found.size() > MAX_PATHS) {
            return;
        }
        if (type.isMapLikeType() && type.getKeyType() != null && hasMarks(type.getKeyType())) {
            // A key is written as one text, and has no place of its own.
            found.add(path);
        } else if (type.isContainerType()) {
            readPart(type.getContentType(), path + "/*");
        } else if (type.isReferenceType()) {
            readPart(type.getContentType(), path);
        } else if (around.containsKey(type)) {
            around.get(type).add(path);
        } else {
            readObject(type, path);
        }
    }

    private void readPart(JavaType part, String path) {
        if (part != null) {
            read(part, path);
        }
    }

    private void readObject(JavaType type, String path) {
        List<String> again = new ArrayList<>();
        around.put(type, again);
        int before = found.size();
        Class<?> raw = type.getRawClass();
        if (SealedTypes.isSealed(raw)) {
            for (Class<?> each : SealedTypes.permitted(raw)) {
                if (each != raw) {
                    read(mapper.getTypeFactory().constructSpecializedType(type, each), path);
                }
            }
        }
        readProperties(type, path);
        around.remove(type);
        if (found.size() > before) {
            found.addAll(again);
        }
    }

    private void readProperties(JavaType type, String path) {
        JsonSerializer<?> serializer;
        try {
            serializer = serializers.findValueSerializer(type, (BeanProperty) null);
        } catch (JsonMappingException | RuntimeException e) {
            // It cannot be written, so nothing of it is stored.
            return;
        }
        if (!(serializer instanceof BeanSerializerBase)) {
            // Of a sealed type those that it permits are read.
            if (hasMarks(type) && !SealedTypes.isSealed(type.getRawClass())) {
                found.add(path);
            }
            return;
        }
        int before = found.size();
        readEach(serializer, path);
        boolean hasMarks = found.size() > before;
        if ((serializer instanceof BeanAsArraySerializer && hasMarks) || hasMarkedRest(type)) {
            // Without names, or with names that only the values know.
            found.subList(before, found.size()).clear();
            found.add(path);
        }
    }

    /** Whether it has entries whose names are not declared, and that may be secret. */
    private boolean hasMarkedRest(JavaType type) {
        AnnotatedMember rest = serializers.getConfig().introspect(type).findAnyGetter();
        return rest != null && (rest.hasAnnotation(Secret.class) || hasMarks(rest.getType()));
    }

    private void readEach(JsonSerializer<?> serializer, String path) {
        for (Iterator<PropertyWriter> each = serializer.properties(); each.hasNext(); ) {
            PropertyWriter property = each.next();
            boolean unwrapped = property instanceof BeanPropertyWriter writer && writer.isUnwrapping();
            String at = path + "/" + property.getName().replace("~", "~0").replace("/", "~1");
            int before = found.size();
            if (property.getAnnotation(Secret.class) != null) {
                found.add(unwrapped ? path : at);
            } else if (isWrittenOtherwise(property)) {
                if (hasMarks(property.getType())) {
                    found.add(at);
                }
            } else {
                read(property.getType(), at);
                if (unwrapped && found.size() > before) {
                    found.add(path);
                }
            }
        }
    }

    /** Whether an annotation of the property says how its value is written. */
    private static boolean isWrittenOtherwise(PropertyWriter property) {
        return property.getAnnotation(JsonFormat.class) != null || property.getAnnotation(JsonSerialize.class) != null;
    }

    /** What is written by other means than its properties shows no names: then its classes are asked. */
    private static boolean hasMarks(JavaType type) {
        boolean hasMarks = Secrets.areIn(type.getRawClass());
        for (int i = 0; i < type.containedTypeCount(); i++) {
            hasMarks = hasMarks || hasMarks(type.containedType(i));
        }
        return hasMarks || (type.getContentType() != null && hasMarks(type.getContentType()));
    }
}
