package io.tidemill;

import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries a value of the application, as a tenant or a locale that a {@link ThreadLocal} holds, from the thread that
 * enqueues a job to the threads that run it: see {@link TaskQueueBuilder#carry}. Fields of the log context have
 * {@link LogFields}.
 *
 * <pre>{@code
 * static final ThreadLocal<String> TENANT = new ThreadLocal<>();
 *
 * TaskQueue.builder().carry(ContextCarrier.of("tenant", TENANT))
 * }</pre>
 *
 * <p>The value travels as header {@code context.tenant}, in clear, also to the jobs that the job enqueues. It is set
 * while the method of a task runs, and what was there before is set again afterwards. Callbacks of the stage of an
 * async task run on other threads, where it is not set. A value that is longer than a header may be is refused by
 * {@code enqueue}: half of one would be another.
 *
 * <p>Implementations must be thread-safe.
 */
public interface ContextCarrier {

    /** Names the value, and with it the header; as all names are. */
    String name();

    /** The value on this thread, as text; null if there is none: then nothing travels. */
    @Nullable
    String current();

    /** Sets the value on this thread; null removes it. What it throws fails the run. */
    void set(@Nullable String value);

    /** A carrier of what two functions get and set. */
    static ContextCarrier of(String name, Supplier<@Nullable String> current, Consumer<@Nullable String> set) {
        return new ContextCarrier() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public @Nullable String current() {
                return current.get();
            }

            @Override
            public void set(@Nullable String value) {
                set.accept(value);
            }
        };
    }

    /** A carrier of a text that belongs to a thread. */
    static ContextCarrier of(String name, ThreadLocal<String> local) {
        return of(name, local, Function.identity(), Function.identity());
    }

    /**
     * A carrier of a value that belongs to a thread.
     *
     * @param write the value as text
     * @param read the value that the text stands for
     */
    static <V> ContextCarrier of(
            String name, ThreadLocal<V> local, Function<? super V, String> write, Function<String, ? extends V> read) {
        return of(
                name,
                () -> {
                    V value = local.get();
                    return value == null ? null : write.apply(value);
                },
                text -> {
                    if (text == null) {
                        local.remove();
                    } else {
                        local.set(read.apply(text));
                    }
                });
    }
}
