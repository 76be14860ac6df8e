package io.tidemill.definition;

import io.tidemill.task.Batch;
import io.tidemill.task.BatchOptions;
import io.tidemill.task.BatchSize;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parameter of a batch task. Immutable.
 *
 * @param value the type of an item's value
 * @param result the type of an item's result; {@code void} for none
 * @param options how its jobs are collected
 */
record BatchParameter(Type value, Type result, BatchOptions options) {

    /**
     * Reads the parameters of a task method.
     *
     * @param where the method, for messages
     * @param parameters the types of its parameters, with the variables that are known replaced
     * @param returned what it returns
     * @param size what its annotation says of batches
     * @return null if it takes no batch. What is wrong is added to the problems.
     */
    static @Nullable BatchParameter of(
            String where, List<Type> parameters, Type returned, BatchSize size, List<String> problems) {
        List<Type> batches = parameters.stream().filter(BatchParameter::isBatch).toList();
        if (batches.isEmpty()) {
            if (size.max() != BatchSize.LEFT_OUT || !size.within().isEmpty()) {
                problems.add(where + " says batch = @BatchSize, but takes no Batch; make its one parameter a Batch of"
                        + " what each job is enqueued with, or leave batch out");
            }
            return null;
        }
        if (parameters.size() > 1) {
            problems.add(where + " takes a Batch beside other arguments, which belong to one job each;"
                    + " put them into the item");
        }
        if (returned != void.class && returned != Void.class) {
            problems.add(where + " takes a Batch and returns a value, and would return one for all its jobs;"
                    + " return void, and take a Batch.WithResults to give each item its own result");
        }
        if (!(batches.get(0) instanceof ParameterizedType batch)) {
            problems.add(where + " takes a Batch without the type of its items; say for example Batch<Mail>");
            return new BatchParameter(Object.class, void.class, BatchOptions.defaults());
        }
        Type[] arguments = batch.getActualTypeArguments();
        return new BatchParameter(
                known(arguments[0]),
                arguments.length > 1 ? known(arguments[1]) : void.class,
                options(where, size, problems));
    }

    /** Whether the type is one of those that stand for several jobs. */
    static boolean isBatch(Type type) {
        Type raw = type instanceof ParameterizedType generic ? generic.getRawType() : type;
        return raw == Batch.class || raw == Batch.WithResults.class;
    }

    private static Type known(Type type) {
        return type instanceof TypeVariable ? Object.class : type;
    }

    private static BatchOptions options(String where, BatchSize size, List<String> problems) {
        try {
            return BatchOptions.defaults().with(size);
        } catch (IllegalArgumentException e) {
            problems.add(where + ": " + e.getMessage());
            return BatchOptions.defaults();
        }
    }
}
