package io.tidemill.test;

import io.tidemill.task.RunInterceptor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;

/** What goes wrong in the next runs of tasks, as a test asked for it. Thread-safe. */
final class Faults implements RunInterceptor {

    private static final Deque<Fault> NONE = new ArrayDeque<>();

    /**
     * One run that goes wrong.
     *
     * @param thrown what is thrown in place of running the task; null if the worker dies after it has run
     */
    private record Fault(@Nullable Throwable thrown) {}

    private final Map<String, Deque<Fault>> next = new ConcurrentHashMap<>();
    private volatile @Nullable TestBroker broker;

    /** Called once, before the start. */
    void crashOn(TestBroker value) {
        broker = value;
    }

    void fail(String task, Throwable thrown) {
        add(task, new Fault(thrown));
    }

    void crash(String task) {
        add(task, new Fault(null));
    }

    private void add(String task, Fault fault) {
        next.computeIfAbsent(task, name -> new ConcurrentLinkedDeque<>()).add(fault);
    }

    @Override
    public @Nullable Object around(Invocation invocation) throws Throwable {
        Fault fault = next.getOrDefault(invocation.definition().name(), NONE).poll();
        if (fault == null) {
            return invocation.proceed();
        }
        Throwable thrown = fault.thrown();
        if (thrown != null) {
            throw thrown;
        }
        TestBroker jobs = broker;
        if (jobs != null) {
            jobs.crash(invocation.context().jobId());
        }
        return invocation.proceed();
    }
}
