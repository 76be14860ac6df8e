package io.tidemill.json;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
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
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.NumberSerializer;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.fasterxml.jackson.datatype.jsr310.deser.LocalTimeDeserializer;
import com.fasterxml.jackson.module.paramnames.ParameterNamesModule;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Year;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
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
public final class Json {

    /** Deep enough for any sane argument, shallow enough for any stack. */
    public static final int MAX_DEPTH = 200;

    /** More than the largest record that can be allowed (16 MiB), so that it never decides. */
    private static final int NO_LIMIT = 20_000_000;

    private Json() {}

    public static ObjectMapper mapper() {
        return mapper(List.of());
    }

    /** With modules of the user's, which come after ours and win. */
    public static ObjectMapper mapper(List<? extends Module> modules) {
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
                // Lenient, they let what they have no room for fall: the time of day, or the zone.
                .withConfigOverride(LocalDate.class, day -> day.setFormat(JsonFormat.Value.forLeniency(false)))
                .withConfigOverride(LocalDateTime.class, time -> time.setFormat(JsonFormat.Value.forLeniency(false)))
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
        module.addSerializer(BigDecimal.class, new ReadableDecimals());
        module.addKeySerializer(String.class, new ReadableKeys());
        // The default one lets the day of a date and time fall; one that looks the same to it and is not does not.
        module.addDeserializer(
                LocalTime.class,
                new LocalTimeDeserializer(new DateTimeFormatterBuilder()
                        .append(DateTimeFormatter.ISO_LOCAL_TIME)
                        .toFormatter()));
        return module;
    }

    /** Refuses the few numbers that no parser takes: their exponent is no {@code int}. */
    private static final class ReadableDecimals extends NumberSerializer {

        private static final long serialVersionUID = 1L;

        ReadableDecimals() {
            super(BigDecimal.class);
        }

        @Override
        public void serialize(Number value, JsonGenerator out, SerializerProvider provider) throws IOException {
            BigDecimal number = (BigDecimal) value;
            if (number.scale() < 0 && number.precision() - 1L - number.scale() > Integer.MAX_VALUE) {
                provider.reportMappingProblem("a number with an exponent above %d cannot be read", Integer.MAX_VALUE);
            }
            super.serialize(value, out, provider);
        }
    }

    /** Refuses keys of maps with half a character, which can be written and not be read; in values they can. */
    private static final class ReadableKeys extends StdSerializer<String> {

        private static final long serialVersionUID = 1L;

        ReadableKeys() {
            super(String.class);
        }

        @Override
        public void serialize(String key, JsonGenerator out, SerializerProvider provider) throws IOException {
            for (int i = 0; i < key.length(); i++) {
                if (Character.isSurrogate(key.charAt(i))) {
                    if (!Character.isSurrogatePair(key.charAt(i), i + 1 < key.length() ? key.charAt(i + 1) : ' ')) {
                        provider.reportMappingProblem("a key of a map has half a character");
                    }
                    i++;
                }
            }
            out.writeFieldName(key);
        }
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
