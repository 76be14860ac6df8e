package io.tidemill.message;

import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes arguments and results as bytes and reads them back into the types that the task declares. A payload never
 * names a class: the reader decides the types, the bytes do not.
 *
 * <p>Implementations are thread-safe and tolerate unknown fields, so that producers may be newer than workers.
 */
public interface PayloadCodec {

    /**
     * Writes arguments.
     *
     * @throws PayloadException if one cannot be written; names it by its position, from 0
     */
    byte[] encodeArguments(@Nullable Object[] arguments);

    /**
     * Reads arguments.
     *
     * @param types the declared types, one per argument
     * @throws PayloadException if their number is another or one does not fit its type
     */
    @Nullable
    Object[] decodeArguments(byte[] payload, List<Type> types);

    /**
     * Writes a result.
     *
     * @throws PayloadException if it cannot be written
     */
    byte[] encodeResult(@Nullable Object result);

    /**
     * Reads a result.
     *
     * @throws PayloadException if it does not fit the type
     */
    @Nullable
    Object decodeResult(byte[] payload, Type type);
}
