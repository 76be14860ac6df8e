package io.tidemill.message;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.fasterxml.jackson.module.paramnames.ParameterNamesModule;
import java.io.IOException;
import java.time.Year;
import java.util.List;
import java.util.UUID;

/**
 * The one Jackson mapper: nothing is coerced, times are ISO 8601 texts that keep their offset and zone, numbers of no
 * declared type keep all digits, unknown fields are let pass. No default typing and no class names, so no payload can
 * name a class.
 *
 * <p>What can be written can be read: both sides allow the same depth, and texts, names and numbers are bounded only by
 * the size of a record or result, which is smaller than every limit of Jackson's here.
 */
final class Json {

    /** Deep enough for any sane argument, shallow enough for any stack. */
    static final int MAX_DEPTH = 200;

    /** More than the largest record that can be allowed (16 MiB), so that it never decides. */
    private static final int NO_LIMIT = 20_000_000;

    private Json() {}

    static ObjectMapper mapper() {
        return mapper(List.of());
    }

    /** With modules of the user's, which come after ours and win. */
    static ObjectMapper mapper(List<? extends Module> modules) {
        JsonMapper.Builder builder = JsonMapper.builder(factory())
                .enable(MapperFeature.BLOCK_UNSAFE_POLYMORPHIC_BASE_TYPES)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                .enable(SerializationFeature.WRITE_DATES_WITH_ZONE_ID)
                .withCoercionConfig(
                        LogicalType.Textual,
                        texts -> texts.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
                .withCoercionConfig(
                        UUID.class, ids -> ids.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail))
                // As text a year above 9999 is written without the sign that it is read with.
                .withConfigOverride(
                        Year.class, year -> year.setFormat(JsonFormat.Value.forShape(JsonFormat.Shape.NUMBER_INT)))
                .annotationIntrospector(new SealedTypes())
                .addModule(new ParameterNamesModule())
                .addModule(new Jdk8Module())
                .addModule(new JavaTimeModule().disable(JavaTimeFeature.NORMALIZE_DESERIALIZED_ZONE_ID))
                .addModule(own());
        for (LogicalType type : List.of(
                LogicalType.Integer,
                LogicalType.Float,
                LogicalType.Boolean,
                LogicalType.Enum,
                LogicalType.DateTime,
                LogicalType.POJO,
                LogicalType.Map,
                LogicalType.Collection,
                LogicalType.Array)) {
            builder.withCoercionConfig(
                    type, values -> values.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail));
        }
        modules.forEach(builder::addModule);
        return builder.build();
    }

    private static JsonFactory factory() {
        return JsonFactory.builder()
                .streamWriteConstraints(StreamWriteConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .build())
                .streamReadConstraints(StreamReadConstraints.builder()
                        // One more: arguments are written one by one and read inside of their array.
                        .maxNestingDepth(MAX_DEPTH + 1)
                        .maxStringLength(NO_LIMIT)
                        .maxNameLength(NO_LIMIT)
                        .maxNumberLength(NO_LIMIT)
                        .build())
                // Else a number of many digits takes time that grows with their square.
                .enable(StreamReadFeature.USE_FAST_BIG_NUMBER_PARSER)
                .build();
    }

    private static SimpleModule own() {
        SimpleModule module = new SimpleModule("tidemill");
        module.addDeserializer(Class.class, new NoClasses());
        module.setSerializerModifier(new NoLostFields());
        return module;
    }

    /** Jackson reads a {@code Class} by loading it; a payload must not be able to ask for that. */
    @SuppressWarnings("rawtypes")
    private static final class NoClasses extends StdDeserializer<Class> {

        private static final long serialVersionUID = 1L;

        NoClasses() {
            super(Class.class);
        }

        @Override
        public Class<?> deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            return context.reportInputMismatch(this, "a payload names no classes");
        }
    }
}
