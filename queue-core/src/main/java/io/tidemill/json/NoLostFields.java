package io.tidemill.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import com.fasterxml.jackson.databind.ser.BeanSerializerModifier;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.type.CollectionType;
import com.fasterxml.jackson.databind.type.MapType;
import java.io.IOException;
import java.lang.reflect.Modifier;

/**
 * Refuses to write collections and maps that are more than that: a class that extends {@code ArrayList} and adds a
 * field would be written as its elements, without the field. Decided once per class, so it costs nothing per value.
 *
 * <p>Thread-safe.
 */
public final class NoLostFields extends BeanSerializerModifier {

    private static final long serialVersionUID = 1L;

    @Override
    public JsonSerializer<?> modifyCollectionSerializer(
            SerializationConfig config, CollectionType type, BeanDescription bean, JsonSerializer<?> serializer) {
        return keepsAll(type) ? serializer : new Refuse(type.getRawClass());
    }

    @Override
    public JsonSerializer<?> modifyMapSerializer(
            SerializationConfig config, MapType type, BeanDescription bean, JsonSerializer<?> serializer) {
        return keepsAll(type) ? serializer : new Refuse(type.getRawClass());
    }

    /**
     * A collection of its own making (one that extends an abstract one) needs fields for its elements; one that extends
     * a whole one needs none.
     */
    private static boolean keepsAll(JavaType type) {
        Class<?> each = type.getRawClass();
        while (each != null && !Difference.isOfJdk(each)) {
            each = each.getSuperclass();
        }
        return each == null
                || each == Object.class
                || Modifier.isAbstract(each.getModifiers())
                || !Difference.hasFields(type.getRawClass());
    }

    private static final class Refuse extends StdSerializer<Object> {

        private static final long serialVersionUID = 1L;

        private final Class<?> type;

        Refuse(Class<?> type) {
            super(Object.class);
            this.type = type;
        }

        @Override
        public void serialize(Object value, JsonGenerator out, SerializerProvider provider) throws IOException {
            provider.reportMappingProblem(
                    "%s is written as its elements only, and would lose its own fields", type.getName());
        }

        @Override
        public void serializeWithType(
                Object value, JsonGenerator out, SerializerProvider provider, TypeSerializer typeSerializer)
                throws IOException {
            serialize(value, out, provider);
        }
    }
}
