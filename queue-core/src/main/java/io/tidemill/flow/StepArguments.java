package io.tidemill.flow;

import io.tidemill.message.PayloadCodec;
import io.tidemill.plan.Argument;
import io.tidemill.plan.StepValue;
import io.tidemill.task.PayloadException;
import java.lang.invoke.MethodType;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the arguments of a step from constants and from what other steps gave, each as the type that the task declares.
 *
 * <p>Immutable and thread-safe.
 */
public final class StepArguments {

    private StepArguments() {}

    /**
     * The arguments of a step.
     *
     * @param values the values of its places
     * @param types the declared types, one per argument
     * @throws PayloadException if there is another number of arguments, or a value does not fit its type
     */
    public static @Nullable Object[] read(StepRun run, List<StepValue> values, List<Type> types) {
        List<Argument> arguments = run.step().arguments();
        if (arguments.size() != types.size()) {
            throw new PayloadException(
                    "the task takes " + types.size() + " arguments, step \""
                            + run.step().name() + "\" has " + arguments.size(),
                    null);
        }
        @Nullable Object[] read = new Object[types.size()];
        for (int i = 0; i < read.length; i++) {
            read[i] = argument(run.codec(), arguments.get(i), values, types.get(i), i);
        }
        return read;
    }

    private static @Nullable Object argument(
            PayloadCodec codec, Argument argument, List<StepValue> values, Type type, int position) {
        boolean isPrimitive = type instanceof Class<?> raw && raw.isPrimitive();
        Object value = read(codec, valueOf(argument, values), isPrimitive ? boxed((Class<?>) type) : type);
        if (value == null && isPrimitive) {
            throw new PayloadException(
                    "argument " + position + " is null but the task takes " + type.getTypeName(), null);
        }
        return value;
    }

    /** What a null stays null as. */
    private static Class<?> boxed(Class<?> primitive) {
        return MethodType.methodType(primitive).wrap().returnType();
    }

    private static StepValue valueOf(Argument argument, List<StepValue> values) {
        if (argument instanceof Argument.Constant constant) {
            return new StepValue.Written(constant.bytes());
        }
        if (argument instanceof Argument.Place place) {
            return values.get(place.place());
        }
        if (argument instanceof Argument.Places list) {
            return new StepValue.Items(values.subList(list.from(), list.from() + list.count()));
        }
        Argument.FirstOf first = (Argument.FirstOf) argument;
        return values.subList(first.from(), first.from() + first.count()).stream()
                .filter(value -> !value.isSkipped())
                .findFirst()
                .orElse(StepValue.Empty.NOTHING);
    }

    /**
     * A value as this type; null for a step that gave nothing or was not run. A list of values is read element by
     * element, without those of steps that were not run.
     *
     * @throws PayloadException if it does not fit the type
     */
    public static @Nullable Object read(PayloadCodec codec, StepValue value, Type type) {
        if (value instanceof StepValue.Written written) {
            return codec.decodeResult(written.bytes(), type);
        }
        if (!(value instanceof StepValue.Items list)) {
            return null;
        }
        Type element = elementOf(type);
        List<@Nullable Object> read = new ArrayList<>(list.items().size());
        for (StepValue item : list.items()) {
            if (!item.isSkipped()) {
                read.add(read(codec, item, element));
            }
        }
        return Collections.unmodifiableList(read);
    }

    /** What a list of this type holds. The compiler has checked that it is one. */
    private static Type elementOf(Type type) {
        if (!(type instanceof ParameterizedType list) || list.getActualTypeArguments().length != 1) {
            return Object.class;
        }
        Type element = list.getActualTypeArguments()[0];
        if (element instanceof WildcardType wildcard) {
            return wildcard.getUpperBounds()[0];
        }
        return element instanceof Class<?>
                        || element instanceof ParameterizedType
                        || element instanceof GenericArrayType
                ? element
                : Object.class;
    }
}
