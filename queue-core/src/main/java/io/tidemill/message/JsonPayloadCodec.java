package io.tidemill.message;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemill.task.Texts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Arguments and results as JSON: arguments are an array, in order, so producers in any language can write them. Dates
 * and times of {@code java.time} are ISO 8601 texts; records, enums, collections and plain beans work as in Jackson.
 *
 * <p>Unknown fields are ignored. A missing field is null, zero or empty, and a missing or extra argument is an error.
 * No class is ever named by the bytes.
 *
 * <p>Thread-safe.
 */
public final class JsonPayloadCodec implements PayloadCodec {

    /** From the first quote to the last, whatever stands between, and numbers that are too large. */
    private static final Pattern QUOTED = Pattern.compile("(?s)[\"'].*[\"']|(?<=Numeric value )\\([^)]*\\)");

    private final ObjectMapper mapper;

    /** With Tidemill's own mapper. */
    public JsonPayloadCodec() {
        this(Json.mapper());
    }

    /**
     * With your mapper, for types that need a module.
     *
     * @throws IllegalArgumentException if default typing is on: then payloads could name classes
     */
    public JsonPayloadCodec(ObjectMapper mapper) {
        if (mapper.getPolymorphicTypeValidator() != null
                && mapper.getDeserializationConfig().getDefaultTyper(mapper.constructType(Object.class)) != null) {
            throw new IllegalArgumentException(
                    "this ObjectMapper has default typing on, which lets payloads name classes; turn it off");
        }
        this.mapper = mapper;
    }

    @Override
    public byte[] encodeArguments(@Nullable Object[] arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(128);
        out.write('[');
        for (int i = 0; i < arguments.length; i++) {
            if (i > 0) {
                out.write(',');
            }
            try {
                out.writeBytes(mapper.writeValueAsBytes(arguments[i]));
            } catch (JsonProcessingException | StackOverflowError e) {
                throw new PayloadException(
                        "argument " + i + " of type " + typeOf(arguments[i]) + " cannot be written as JSON: "
                                + reason(e) + "; pass a record, a bean or an id instead",
                        e);
            }
        }
        out.write(']');
        return out.toByteArray();
    }

    @Override
    public @Nullable Object[] decodeArguments(byte[] payload, List<Type> types) {
        try (JsonParser parser = mapper.createParser(payload)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw new PayloadException("the payload is not a JSON array of arguments", null);
            }
            @Nullable Object[] arguments = new Object[types.size()];
            int count = 0;
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (count < arguments.length) {
                    arguments[count] = readArgument(parser, mapper.constructType(types.get(count)), count);
                } else {
                    parser.skipChildren();
                }
                count++;
            }
            if (parser.nextToken() != null) {
                throw new PayloadException("the payload goes on after the array of arguments", null);
            }
            if (count != arguments.length) {
                throw new PayloadException(
                        "the task takes " + Texts.count(arguments.length, "argument") + ", the job has " + count, null);
            }
            return arguments;
        } catch (IOException e) {
            throw new PayloadException("the payload is not JSON: " + whyUnreadable(e), causeOfUser(e));
        }
    }

    private @Nullable Object readArgument(JsonParser parser, JavaType type, int position) throws IOException {
        if (type.isPrimitive() && parser.currentToken() == JsonToken.VALUE_NULL) {
            throw new PayloadException(
                    "argument " + position + " is null but the task takes " + type.toCanonical(), null);
        }
        try {
            return mapper.readerFor(type)
                    .without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readValue(parser);
        } catch (JsonMappingException e) {
            throw new PayloadException(
                    "argument " + position + " does not fit " + type.toCanonical() + ": " + whyUnreadable(e),
                    causeOfUser(e));
        }
    }

    @Override
    public byte[] encodeResult(@Nullable Object result) {
        try {
            return mapper.writeValueAsBytes(result);
        } catch (JsonProcessingException | StackOverflowError e) {
            throw new PayloadException(
                    "the result of type " + typeOf(result) + " cannot be written as JSON: " + reason(e), e);
        }
    }

    @Override
    public @Nullable Object decodeResult(byte[] payload, Type type) {
        try {
            return mapper.readValue(payload, mapper.constructType(type));
        } catch (IOException e) {
            throw new PayloadException(
                    "the result does not fit " + type.getTypeName() + ": " + whyUnreadable(e), causeOfUser(e));
        }
    }

    private static String typeOf(@Nullable Object value) {
        return value == null ? "null" : value.getClass().getName();
    }

    /** Jackson's reason without what it quotes: that is payload, and no business of logs. */
    private static String whyUnreadable(IOException e) {
        return QUOTED.matcher(reason(e)).replaceAll("...");
    }

    /** What the user's own code threw while it was read into; Jackson's own exceptions quote the payload. */
    private static @Nullable Throwable causeOfUser(IOException e) {
        return e.getCause() instanceof IOException ? null : e.getCause();
    }

    /** Jackson's reason without its location lines. */
    private static String reason(Throwable e) {
        if (e instanceof StackOverflowError) {
            return "it refers to itself";
        }
        return e instanceof JsonProcessingException json ? json.getOriginalMessage() : String.valueOf(e.getMessage());
    }
}
