package io.tidemill.task;

import org.jspecify.annotations.Nullable;

/** Where {@link TaskContext#current()} looks; an interface cannot keep a private field. */
final class CurrentTask {

    static final ThreadLocal<@Nullable TaskContext> CONTEXT = new ThreadLocal<>();

    private CurrentTask() {}

    static UnsupportedOperationException cannotRecord() {
        return new UnsupportedOperationException(
                "this TaskContext records nothing; in a unit test use TestContext of queue-test");
    }
}
