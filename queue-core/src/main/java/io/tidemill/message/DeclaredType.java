package io.tidemill.message;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.tidemill.json.Difference;
import io.tidemill.task.PayloadException;
import java.io.IOException;
import java.lang.invoke.MethodType;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One declared type of an argument or a result: how its values are written and read, and whether they come back. Made
 * once per type. Immutable.
 */
final class DeclaredType {

    private final JavaType type;
    private final ObjectMapper mapper;
    private final ObjectWriter writer;
    private final boolean isWrapped;
    private final ObjectReader reader;
    private final ObjectReader partReader;
    private final boolean exact;
    private final @Nullable String problem;
    /** Read when it is first asked for: few types are. */
    private volatile @Nullable List<String> secrets;

    DeclaredType(ObjectMapper mapper, Type declared, boolean trusted) {
        this.mapper = mapper;
        this.type = mapper.constructType(declared);
        boolean allExact = false;
        String found = null;
        try {
            allExact = new TypeCheck(mapper, trusted).isExact(type);
        } catch (PayloadException e) {
            found = e.getMessage();
        }
        this.exact = allExact;
        this.problem = found;
        // For a type with a problem these cannot be made; then they are never used.
        this.isWrapped =
                type.hasGenericTypes() && !type.isFinal() && !type.isContainerType() && !type.isReferenceType();
        this.writer = found == null ? writer(mapper, type, isWrapped) : mapper.writer();
        this.reader = found == null ? mapper.readerFor(type) : mapper.reader();
        this.partReader = reader.without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    /**
     * Of a value that stands alone Jackson asks the class only, and forgets what the type variables of the declared
     * type stand for; of an element of a list it does not. So what may be of a subclass is written as a list of one.
     */
    private static ObjectWriter writer(ObjectMapper mapper, JavaType type, boolean isWrapped) {
        return isWrapped
                ? mapper.writerFor(mapper.getTypeFactory().constructCollectionType(List.class, type))
                        .without(SerializationFeature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED)
                : mapper.writerFor(type);
    }

    private byte[] bytes(@Nullable Object value) throws JsonProcessingException {
        if (!isWrapped) {
            return writer.writeValueAsBytes(value);
        }
        byte[] list = writer.writeValueAsBytes(Collections.singletonList(value));
        return Arrays.copyOfRange(list, 1, list.length - 1);
    }

    /** Where parts of a value stand that are not to be shown. */
    List<String> secrets() {
        List<String> known = secrets;
        if (known == null) {
            known = SecretFields.of(mapper, type);
            secrets = known;
        }
        return known;
    }

    /** Why no value of this type can come back; null if some can. */
    @Nullable
    String problem() {
        return problem;
    }

    String name() {
        return type.toCanonical();
    }

    boolean isPrimitive() {
        return type.isPrimitive();
    }

    /** Reads one value out of a larger text. */
    ObjectReader partReader() {
        checkUsable();
        return partReader;
    }

    /** Reads a text that is one value. */
    ObjectReader reader() {
        checkUsable();
        return reader;
    }

    /**
     * The value as JSON that reads back as this value.
     *
     * @throws PayloadException if there is none
     * @throws JsonProcessingException if it cannot be written
     */
    byte[] write(@Nullable Object value) throws JsonProcessingException {
        checkUsable();
        if (value == null && type.isPrimitive()) {
            throw new PayloadException("is null but the task takes " + name(), null);
        }
        byte[] bytes = bytes(value);
        if (!exact) {
            checkComesBack(value, bytes);
        }
        return bytes;
    }

    /**
     * A value that no compiler has checked: one of this type, or of another class that says the same, as a whole number
     * for a {@code long} or a map for a record.
     *
     * @throws PayloadException if it does not fit without being changed
     * @throws JsonProcessingException if it cannot be written
     */
    byte[] writeUnchecked(@Nullable Object value) throws JsonProcessingException {
        checkUsable();
        if (value == null) {
            return write(null);
        }
        if (box(type.getRawClass()).isInstance(value)) {
            try {
                byte[] bytes = bytes(value);
                checkComesBack(value, bytes);
                return bytes;
            } catch (PayloadException | JsonProcessingException e) {
                // What it holds may be of other classes, too.
            }
        }
        return writeOther(value);
    }

    private void checkUsable() {
        if (problem != null) {
            throw new PayloadException("cannot be sent: " + problem, null);
        }
    }

    private static Class<?> box(Class<?> raw) {
        return raw.isPrimitive() ? MethodType.methodType(raw).wrap().returnType() : raw;
    }

    private void checkComesBack(@Nullable Object value, byte[] bytes) {
        Object copy;
        try {
            copy = reader.readValue(bytes);
        } catch (IOException | NumberFormatException e) {
            throw new PayloadException(
                    "cannot be sent: it cannot be read back as " + name() + ": " + JsonPayloadCodec.why(e),
                    JsonPayloadCodec.causeOfUser(e));
        }
        Difference difference = Difference.between(value, copy);
        if (difference != null) {
            throw new PayloadException(
                    "cannot be sent: read back as " + name() + " it is not what it was: " + difference.text(), null);
        }
    }

    /** It fits if what the declared type keeps of it says the same. */
    private byte[] writeOther(Object value) throws JsonProcessingException {
        byte[] bytes = mapper.writeValueAsBytes(value);
        try {
            Object read = reader.readValue(bytes);
            JsonNode kept = mapper.readTree(bytes(read));
            if (!fits(mapper.readTree(bytes), kept)) {
                throw new PayloadException("does not fit " + name() + " without being changed", null);
            }
            return bytes;
        } catch (IOException | NumberFormatException e) {
            throw new PayloadException(
                    "does not fit " + name() + ": " + JsonPayloadCodec.why(e), JsonPayloadCodec.causeOfUser(e));
        }
    }

    /** Whether everything that was given was kept. What was kept may hold more: fields that were not given. */
    private static boolean fits(JsonNode given, @Nullable JsonNode kept) {
        if (kept == null || given.isNull()) {
            return given.isNull() && (kept == null || kept.isNull());
        }
        if (given.isNumber()) {
            return kept.isNumber() && Difference.between(given, kept) == null;
        }
        if (given.isArray() && kept.isArray() && given.size() == kept.size()) {
            // In any order: a set has none.
            for (JsonNode each : given) {
                boolean found = false;
                for (Iterator<JsonNode> others = kept.elements(); others.hasNext() && !found; ) {
                    found = fits(each, others.next());
                }
                if (!found) {
                    return false;
                }
            }
            return true;
        }
        if (given.isObject() && kept.isObject()) {
            for (Map.Entry<String, JsonNode> field : given.properties()) {
                if (!fits(field.getValue(), kept.get(field.getKey()))) {
                    return false;
                }
            }
            return true;
        }
        // Texts may be written in more than one way: 12:00+02:00 and 10:00Z are one instant.
        return given.isTextual() ? kept.isTextual() : given.equals(kept);
    }
}
