package io.tidemill.definition;

import io.tidemill.task.TaskContext;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.stream.BaseStream;

/**
 * Types of arguments and results that would not do what they seem to say: a result that is still to come would be
 * recorded as success at once, even if it failed later. Refused with every codec. A method that returns a
 * {@link CompletionStage} is no such case: the job waits for the stage. A stage of a stage is.
 */
final class Unsendable {

    /** Some are not on our class path, so they are known by name. */
    private static final Set<String> BY_NAME =
            Set.of("org.reactivestreams.Publisher", "kotlinx.coroutines.flow.Flow", "kotlinx.coroutines.Deferred");

    private Unsendable() {}

    static void argument(String where, Class<?> type, List<String> problems) {
        if (type == TaskContext.class) {
            problems.add(where + " takes a TaskContext, which no caller could pass;"
                    + " leave it out and call TaskContext.current() in the method");
        } else if (BatchParameter.isBatch(type)) {
            problems.add(where + " takes a Batch for one job; a task that runs several jobs together is a method with"
                    + " @Task whose one parameter is a Batch");
        } else if (is(type, "kotlin.coroutines.Continuation")) {
            problems.add(where + " is a suspend function, and a task runs on its thread until it is done;"
                    + " make it a plain function");
        } else if (isLater(type)) {
            problems.add(where + " takes a " + type.getSimpleName() + ", which belongs to one process;"
                    + " take the value itself");
        }
    }

    static void result(String where, Class<?> type, List<String> problems) {
        if (isLater(type)) {
            problems.add(where + " returns a " + type.getSimpleName()
                    + ", and its job would end before that does, as a success whatever comes of it; return a"
                    + " CompletionStage of the value, or wait for it in the method and return the value (a list for"
                    + " a stream)");
        }
    }

    private static boolean isLater(Class<?> type) {
        return Future.class.isAssignableFrom(type)
                || CompletionStage.class.isAssignableFrom(type)
                || Flow.Publisher.class.isAssignableFrom(type)
                || BaseStream.class.isAssignableFrom(type)
                || BY_NAME.stream().anyMatch(name -> is(type, name));
    }

    private static boolean is(Class<?> type, String name) {
        if (type.getName().equals(name)) {
            return true;
        }
        for (Class<?> each : type.getInterfaces()) {
            if (is(each, name)) {
                return true;
            }
        }
        return type.getSuperclass() != null && is(type.getSuperclass(), name);
    }
}
