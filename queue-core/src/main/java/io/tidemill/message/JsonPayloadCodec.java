package io.tidemill.message;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import io.tidemill.json.Json;
import io.tidemill.task.PayloadException;
import io.tidemill.text.Texts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Type;
import java.time.DateTimeException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Arguments and results as JSON: arguments are an array, in order, so producers in any language can write them. Dates
 * and times of {@code java.time} are ISO 8601 texts; records, enums, collections, {@code Optional}, sealed types and
 * plain beans work as in Jackson.
 *
 * <p>What is written reads back equal as its declared type, or it is refused. Where the declared type decides, nothing
 * more is done; where it depends on the value, the value is read back and compared. A record is trusted to keep the
 * contract of {@link Record}: one made of the values that another's accessors give is equal to it. Nothing is coerced:
 * a text is no number, 1.5 is not 1, and a date with a time is no date. Numbers of no declared type keep every digit:
 * whole ones come back as {@code Integer}, {@code Long} or {@code BigInteger}, whichever is large enough, others as
 * {@code BigDecimal}.
 *
 * <p>Unknown fields are ignored. A missing field is null, zero or empty, and a missing or extra argument is an error.
 * No class is ever named by the bytes: an object of a sealed type carries the simple name of its class in a field
 * "@type", which is looked up among the permitted classes.
 *
 * <p>Thread-safe.
 */
public final class JsonPayloadCodec implements PayloadCodec {

    /** From the first quote to the last, whatever stands between, and numbers that are too large. */
    private static final Pattern QUOTED = Pattern.compile("(?s)[\"'].*[\"']|(?<=Numeric value )\\([^)]*\\)");

    /** Hints of Jackson about its own settings, which our users cannot change. */
    private static final Pattern ADVICE = Pattern.compile(" when 'strict' mode set[^(]*\\([^)]*\\)"
            + "| \\((?:but could|but might|use a converting)[^)]*\\)"
            + "|: disable \\S+Feature\\S+ to allow|, from `Stream\\w+Constraints\\.\\w+\\(\\)`");

    private static final TypeReference<List<@Nullable Object>> TREE = new TypeReference<>() {};

    private final ObjectMapper mapper;
    private final ObjectWriter untyped;
    private final boolean trusted;
    private final Map<Type, DeclaredType> types = new ConcurrentHashMap<>();

    /** With Tidemill's own mapper. */
    public JsonPayloadCodec() {
        this(Json.mapper(), true);
    }

    /**
     * With your mapper, for a format of your own; {@link #with} is enough for types that need a module. Every value is
     * read back and compared when it is written.
     *
     * @throws IllegalArgumentException if default typing is on: then payloads could name classes
     */
    public JsonPayloadCodec(ObjectMapper mapper) {
        this(checked(mapper), false);
    }

    private JsonPayloadCodec(ObjectMapper mapper, boolean trusted) {
        this.mapper = mapper;
        this.untyped = mapper.writer().with(SerializationFeature.FAIL_ON_EMPTY_BEANS);
        this.trusted = trusted;
    }

    /**
     * With Tidemill's mapper and Jackson modules for more types, such as the one for Kotlin. Every value is read back
     * and compared when it is written, since a module may change how any type is written.
     */
    public static JsonPayloadCodec with(Module... modules) {
        return new JsonPayloadCodec(Json.mapper(List.of(modules)), modules.length == 0);
    }

    private static ObjectMapper checked(ObjectMapper mapper) {
        if (mapper.getPolymorphicTypeValidator() != null
                && mapper.getDeserializationConfig().getDefaultTyper(mapper.constructType(Object.class)) != null) {
            throw new IllegalArgumentException(
                    "this ObjectMapper has default typing on, which lets payloads name classes; turn it off");
        }
        return mapper;
    }

    @Override
    public @Nullable String problem(Type type) {
        return type(type).problem();
    }

    @Override
    public byte[] encodeArguments(@Nullable Object[] arguments, List<Type> declared) {
        return array(arguments, declared, (value, type) -> type(type).write(value));
    }

    @Override
    public byte[] encodeUnchecked(@Nullable Object[] arguments, @Nullable List<Type> declared) {
        return declared == null
                ? array(
                        arguments,
                        Collections.nCopies(arguments.length, Object.class),
                        (value, type) -> untyped.writeValueAsBytes(value))
                : array(arguments, declared, (value, type) -> type(type).writeUnchecked(value));
    }

    @Override
    public byte[] encodeResult(@Nullable Object result, Type declared) {
        return write(result, declared, (value, type) -> type(type).write(value), "the result");
    }

    /** How one value is written. */
    private interface Writer {
        byte[] write(@Nullable Object value, Type type) throws JsonProcessingException;
    }

    private static byte[] array(@Nullable Object[] arguments, List<? extends Type> declared, Writer writer) {
        if (declared.size() != arguments.length) {
            throw wrongCount(declared.size(), arguments.length);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(128);
        out.write('[');
        for (int i = 0; i < arguments.length; i++) {
            if (i > 0) {
                out.write(',');
            }
            out.writeBytes(write(arguments[i], declared.get(i), writer, "argument " + i));
        }
        out.write(']');
        return out.toByteArray();
    }

    private static byte[] write(@Nullable Object value, Type declared, Writer writer, String what) {
        try {
            return writer.write(value, declared);
        } catch (JsonProcessingException | StackOverflowError e) {
            throw new PayloadException(
                    what + " of type " + typeOf(value) + " cannot be written as JSON: " + reason(e)
                            + "; pass a record, a bean or an id instead",
                    e);
        } catch (PayloadException e) {
            throw new PayloadException(what + " " + e.getMessage(), e.getCause());
        }
    }

    private DeclaredType type(Type declared) {
        DeclaredType known = types.get(declared);
        return known == null ? types.computeIfAbsent(declared, type -> new DeclaredType(mapper, type, trusted)) : known;
    }

    private static PayloadException wrongCount(int takes, int has) {
        return new PayloadException("the task takes " + Texts.count(takes, "argument") + ", the job has " + has, null);
    }

    @Override
    public @Nullable Object[] decodeArguments(byte[] payload, List<Type> declared) {
        try (JsonParser parser = mapper.createParser(payload)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw new PayloadException("the payload is not a JSON array of arguments", null);
            }
            @Nullable Object[] arguments = new Object[declared.size()];
            int count = 0;
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (count < arguments.length) {
                    arguments[count] = readArgument(parser, type(declared.get(count)), count);
                } else {
                    parser.skipChildren();
                }
                count++;
            }
            if (parser.nextToken() != null) {
                throw new PayloadException("the payload goes on after the array of arguments", null);
            }
            if (count != arguments.length) {
                throw wrongCount(arguments.length, count);
            }
            return arguments;
        } catch (IOException e) {
            throw new PayloadException("the payload is not JSON: " + why(e), causeOfUser(e));
        }
    }

    @Override
    public List<@Nullable Object> decodeTree(byte[] payload) {
        try {
            List<@Nullable Object> arguments = mapper.readerFor(TREE)
                    .without(DeserializationFeature.USE_JAVA_ARRAY_FOR_JSON_ARRAY)
                    .readValue(payload);
            if (arguments == null) {
                throw new PayloadException("the payload is not a JSON array of arguments", null);
            }
            return arguments;
        } catch (IOException | NumberFormatException e) {
            throw new PayloadException("the payload is not a JSON array of arguments: " + why(e), causeOfUser(e));
        }
    }

    @Override
    public List<String> secrets(Type type) {
        return type(type).secrets();
    }

    private static @Nullable Object readArgument(JsonParser parser, DeclaredType type, int position)
            throws IOException {
        if (type.isPrimitive() && parser.currentToken() == JsonToken.VALUE_NULL) {
            throw new PayloadException("argument " + position + " is null but the task takes " + type.name(), null);
        }
        try {
            return type.partReader().readValue(parser);
        } catch (JsonMappingException | NumberFormatException e) {
            throw new PayloadException(
                    "argument " + position + " does not fit " + type.name() + ": " + why(e), causeOfUser(e));
        }
    }

    @Override
    public @Nullable Object decodeResult(byte[] payload, Type declared) {
        try {
            return type(declared).reader().readValue(payload);
        } catch (IOException | NumberFormatException e) {
            throw new PayloadException(
                    "the result does not fit " + declared.getTypeName() + ": " + why(e), causeOfUser(e));
        }
    }

    private static String typeOf(@Nullable Object value) {
        return value == null ? "null" : value.getClass().getName();
    }

    /** Jackson's reason without what it quotes: that is payload, and no business of logs. */
    static String why(Exception e) {
        return QUOTED.matcher(reason(e)).replaceAll("...");
    }

    /**
     * What the user's own code threw while it was read into; exceptions about the format of a text quote the payload.
     */
    static @Nullable Throwable causeOfUser(Exception e) {
        Throwable cause = e.getCause();
        boolean quotes = e instanceof InvalidFormatException
                || cause instanceof IOException
                || cause instanceof NumberFormatException
                || cause instanceof DateTimeException;
        return quotes ? null : cause;
    }

    /** Jackson's reason without its location lines. */
    private static String reason(Throwable e) {
        if (e instanceof StackOverflowError) {
            return "it refers to itself, or is nested too deep";
        }
        String text = e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
        return ADVICE.matcher(String.valueOf(text)).replaceAll("");
    }
}
