package io.tidemill.worker;

import io.tidemill.task.WorkerOptions;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/**
 * How many runs of one worker wait for their batches, of all batch tasks together. When they hold all slots, no other
 * run can come until a batch begins.
 *
 * <p>Thread-safe. Never blocks.
 */
final class RunsInLine {

    /** How many slots there are: operators change it. */
    private final IntSupplier slots;

    private final AtomicInteger all = new AtomicInteger();
    private final Map<String, Integer> slotsOfQueue;
    /** Of the queues that have slots of their own. */
    private final Map<String, AtomicInteger> ofQueue = new ConcurrentHashMap<>();

    RunsInLine(WorkerOptions options, IntSupplier slots) {
        this.slots = slots;
        slotsOfQueue = options.queueConcurrency();
        slotsOfQueue.keySet().forEach(queue -> ofQueue.put(queue, new AtomicInteger()));
    }

    void entered(String queue) {
        all.incrementAndGet();
        change(queue, 1);
    }

    void left(String queue) {
        all.decrementAndGet();
        change(queue, -1);
    }

    private void change(String queue, int runs) {
        AtomicInteger own = ofQueue.get(queue);
        if (own != null) {
            own.addAndGet(runs);
        }
    }

    /** Whether they hold all slots that a run of this queue could have. */
    boolean holdAllSlots(String queue) {
        AtomicInteger own = ofQueue.get(queue);
        int total = slots.getAsInt();
        return all.get() >= total || (own != null && own.get() >= slotsOfQueue.getOrDefault(queue, total));
    }
}
