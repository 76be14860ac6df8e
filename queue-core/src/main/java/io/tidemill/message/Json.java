package io.tidemill.message;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZonedDateTime;
import java.util.function.Function;

/**
 * The one Jackson mapper. No default typing and no polymorphism by class name, so no payload can name a class; bounded
 * nesting; unknown fields are let pass.
 */
final class Json {

    /** Deep enough for any sane argument, shallow enough for any stack. */
    private static final int MAX_DEPTH = 200;

    private Json() {}

    static ObjectMapper mapper() {
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .build())
                .build();
        return JsonMapper.builder(factory)
                .enable(MapperFeature.BLOCK_UNSAFE_POLYMORPHIC_BASE_TYPES)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .addModule(javaTime())
                .build();
    }

    /** The types of java.time as ISO 8601 texts; Jackson's own module for them would be one more dependency. */
    private static SimpleModule javaTime() {
        SimpleModule module = new SimpleModule("tidemill-java-time");
        add(module, Duration.class, Duration::parse);
        add(module, Instant.class, Instant::parse);
        add(module, LocalDate.class, LocalDate::parse);
        add(module, LocalDateTime.class, LocalDateTime::parse);
        add(module, LocalTime.class, LocalTime::parse);
        add(module, OffsetDateTime.class, OffsetDateTime::parse);
        add(module, Period.class, Period::parse);
        add(module, Year.class, Year::parse);
        add(module, YearMonth.class, YearMonth::parse);
        add(module, ZonedDateTime.class, ZonedDateTime::parse);
        return module;
    }

    private static <V> void add(SimpleModule module, Class<V> type, Function<String, V> parse) {
        module.addSerializer(type, new Write<>(type));
        module.addDeserializer(type, new Read<>(type, parse));
    }

    private static final class Write<V> extends StdSerializer<V> {

        private static final long serialVersionUID = 1L;

        Write(Class<V> type) {
            super(type);
        }

        @Override
        public void serialize(V value, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeString(value.toString());
        }
    }

    private static final class Read<V> extends FromStringDeserializer<V> {

        private static final long serialVersionUID = 1L;

        private final transient Function<String, V> parse;

        Read(Class<V> type, Function<String, V> parse) {
            super(type);
            this.parse = parse;
        }

        @Override
        @SuppressWarnings("unchecked")
        protected V _deserialize(String text, DeserializationContext context) throws IOException {
            try {
                return parse.apply(text);
            } catch (DateTimeException e) {
                return (V) context.handleWeirdStringValue(handledType(), text, "%s", e.getMessage());
            }
        }
    }
}
