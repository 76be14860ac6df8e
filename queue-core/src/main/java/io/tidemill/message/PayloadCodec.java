package io.tidemill.message;

import io.tidemill.task.PayloadException;
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
     * Writes arguments so that {@link #decodeArguments} gives equal ones for the same types.
     *
     * @param types the declared types, one per argument
     * @throws PayloadException if one cannot be written, or would not come back as it went; names it by its position,
     *     from 0
     */
    byte[] encodeArguments(@Nullable Object[] arguments, List<Type> types);

    /**
     * Writes arguments of a call by name, which no compiler has checked. They may be of other classes than the declared
     * ones if they say the same, as a map for a record.
     *
     * @param types the declared types; null if the task is not known here: then each is written as what it is
     * @throws PayloadException if one cannot be written or, as far as the types are known, does not fit without being
     *     changed; names it by its position, from 0
     */
    byte[] encodeUnchecked(@Nullable Object[] arguments, @Nullable List<Type> types);

    /**
     * Reads arguments.
     *
     * @param types the declared types, one per argument
     * @throws PayloadException if their number is another or one does not fit its type
     */
    @Nullable
    Object[] decodeArguments(byte[] payload, List<Type> types);

    /**
     * Writes a result so that {@link #decodeResult} gives an equal one for the same type.
     *
     * @throws PayloadException if it cannot be written, or would not come back as it went
     */
    byte[] encodeResult(@Nullable Object result, Type type);

    /**
     * Reads a result.
     *
     * @throws PayloadException if it does not fit the type
     */
    @Nullable
    Object decodeResult(byte[] payload, Type type);

    /**
     * Reads arguments without their types, as trees: see {@link io.tidemill.task.Upcaster}. Needed only for tasks whose
     * arguments have had another form before. Default: refused.
     *
     * @throws PayloadException if they cannot be read
     */
    default List<@Nullable Object> decodeTree(byte[] payload) {
        throw new PayloadException(
                "the codec " + getClass().getName()
                        + " does not read arguments as trees (decodeTree), which upcasters need",
                null);
    }

    /**
     * Where in a value of this declared type parts stand that are marked {@link io.tidemill.task.Secret}: JSON pointers
     * into what is written, as {@code "/card/number"}, with {@code *} for each element of an array or object; the empty
     * text is the whole value. Asked for types that have such parts. Default: the whole value.
     */
    default List<String> secrets(Type type) {
        return List.of("");
    }

    /**
     * Why no value of this declared type can be written and read back; null if some can. Asked when a queue starts, so
     * that such a task is refused there and not after its work.
     */
    default @Nullable String problem(Type type) {
        return null;
    }
}
