package io.tidemill.broker.memory;

import io.tidemill.broker.DueSchedules;
import io.tidemill.broker.FoundSchedules;
import io.tidemill.broker.ScheduleStore;
import io.tidemill.broker.ScheduleWrite;
import io.tidemill.broker.StoredSchedule;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Schedules of a {@link MemoryBroker}; {@link QueueSchedules} says what each method does. Thread-safe. */
final class MemorySchedules implements ScheduleStore {

    private final MemoryBroker broker;

    MemorySchedules(MemoryBroker broker) {
        this.broker = broker;
    }

    @Override
    public CompletableFuture<DueSchedules> take(String queue, int limit, long holdMillis, Set<String> except) {
        checkLimit("limit", limit);
        if (holdMillis < 1 || holdMillis > MAX_HOLD_MILLIS) {
            throw new IllegalArgumentException("holdMillis must be 1 to " + MAX_HOLD_MILLIS + ", got " + holdMillis);
        }
        if (except.size() > MAX_TAKEN) {
            throw new IllegalArgumentException("except must be 0 to " + MAX_TAKEN + ", got " + except.size());
        }
        return broker.hop(queue, it -> it.schedules.take(limit, holdMillis, except));
    }

    @Override
    public CompletableFuture<Boolean> write(String queue, Optional<String> expected, StoredSchedule schedule) {
        return broker.hop(queue, it -> it.schedules.write(expected, schedule));
    }

    @Override
    public CompletableFuture<List<Boolean>> write(String queue, List<ScheduleWrite> writes) {
        checkLimit("writes", writes.size());
        return broker.hop(
                queue,
                it -> writes.stream()
                        .map(write -> it.schedules.write(Optional.ofNullable(write.expected()), write.schedule()))
                        .toList());
    }

    @Override
    public CompletableFuture<Boolean> remove(String queue, String name, String expected) {
        return broker.hop(queue, it -> it.schedules.remove(name, expected));
    }

    @Override
    public CompletableFuture<Optional<StoredSchedule>> find(String queue, String name) {
        return broker.hop(queue, it -> it.schedules.find(name));
    }

    @Override
    public CompletableFuture<FoundSchedules> find(String queue, List<String> names) {
        checkLimit("names", names.size());
        return broker.hop(queue, it -> it.schedules.find(names));
    }

    @Override
    public CompletableFuture<List<StoredSchedule>> list(String queue, int offset, int limit) {
        checkLimit("limit", limit);
        if (offset < 0) {
            throw new IllegalArgumentException("offset must be 0 or more, got " + offset);
        }
        return broker.hop(queue, it -> it.schedules.list(offset, limit));
    }

    @Override
    public CompletableFuture<Long> count(String queue) {
        return broker.hop(queue, it -> (long) it.schedules.count());
    }

    @Override
    public CompletableFuture<Set<String>> queues() {
        return broker.queues(it -> it.schedules.count() > 0);
    }

    @Override
    public CompletableFuture<Long> nowMillis(String queue) {
        return broker.hop(queue, it -> it.now);
    }

    private static void checkLimit(String what, int limit) {
        if (limit < 1 || limit > MAX_TAKEN) {
            throw new IllegalArgumentException(what + " must be 1 to " + MAX_TAKEN + ", got " + limit);
        }
    }
}
