package io.tidemill.broker.memory;

import io.tidemill.broker.Broker;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkflowEnd;
import io.tidemill.broker.WorkflowWrite;
import io.tidemill.text.PrintableText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The records of workflows whose home is one queue. Guarded by the lock of the queue. */
final class WorkflowRecords {

    /** What became of a write. */
    enum Written {
        NOW,
        BEFORE,
        NOT
    }

    private static final long ALWAYS = Long.MAX_VALUE;

    private record Kept(StoredWorkflow record, long untilMillis, boolean isFinal) {

        private static final Comparator<Kept> ORDER = Comparator.comparingLong(Kept::untilMillis)
                .reversed()
                .thenComparing(kept -> kept.record.id(), PrintableText.ORDER);

        /** An end changes it, so that nobody writes who has not seen the end. */
        String revision() {
            return record.revision() + (record.end() == null ? "" : StoredWorkflow.ENDED);
        }

        /** As it is found. */
        StoredWorkflow at(long now) {
            long left = untilMillis == ALWAYS ? StoredWorkflow.UNTIL_WRITTEN : untilMillis - now;
            return new StoredWorkflow(record.id(), revision(), record.content(), left, record.end());
        }

        /** One that has not ended, for those who wait for that. */
        StoredWorkflow withoutContent() {
            return new StoredWorkflow(record.id(), revision(), new byte[0], StoredWorkflow.UNTIL_WRITTEN);
        }
    }

    private final MemoryQueue queue;
    private final Map<String, Kept> byId = new HashMap<>();
    /** Workflows whose end is to be published. */
    private final Set<String> watched = new HashSet<>();

    WorkflowRecords(MemoryQueue queue) {
        this.queue = queue;
    }

    Written write(WorkflowWrite write) {
        StoredWorkflow after = write.after();
        Kept there = there(after.id());
        if (there != null && after.revision().equals(there.record.revision())) {
            return Written.BEFORE;
        }
        if (!Objects.equals(write.expected(), there == null ? null : there.revision())) {
            return Written.NOT;
        }
        put(after.with(null), after.keepMillis(), write.isFinal());
        return Written.NOW;
    }

    /** The first end stays, and so does a final write. */
    void end(String id, WorkflowEnd end) {
        Kept there = there(id);
        if (there != null && there.record.end() == null && !there.isFinal) {
            put(there.record.with(end), end.keepMillis(), false);
        }
    }

    private void put(StoredWorkflow record, long keepMillis, boolean isFinal) {
        long until = keepMillis == StoredWorkflow.UNTIL_WRITTEN ? ALWAYS : queue.now + keepMillis;
        byId.put(record.id(), new Kept(record, until, isFinal));
        if (until != ALWAYS && watched.remove(record.id())) {
            queue.notifications.finished(record.id());
        }
    }

    Optional<StoredWorkflow> find(String id, boolean watch) {
        Kept there = there(id);
        if (watch && there != null && there.untilMillis == ALWAYS) {
            watched.add(id);
            return Optional.of(there.withoutContent());
        }
        return Optional.ofNullable(there).map(kept -> kept.at(queue.now));
    }

    List<StoredWorkflow> list(int offset, int limit) {
        forgetOld();
        List<StoredWorkflow> page = new ArrayList<>();
        long bytes = 0;
        for (Kept kept : byId.values().stream()
                .sorted(Kept.ORDER)
                .skip(offset)
                .limit(limit)
                .toList()) {
            StoredWorkflow found = kept.at(queue.now);
            WorkflowEnd end = found.end();
            bytes += found.content().length + (end == null ? 0 : end.outcome().length);
            if (bytes > Broker.MAX_CLAIM_BYTES && !page.isEmpty()) {
                break;
            }
            page.add(found);
        }
        return List.copyOf(page);
    }

    boolean isEmpty() {
        forgetOld();
        return byId.isEmpty();
    }

    boolean hasRunning() {
        return byId.values().stream().anyMatch(kept -> kept.untilMillis == ALWAYS);
    }

    void clear() {
        byId.clear();
        watched.clear();
    }

    private @Nullable Kept there(String id) {
        forgetOld();
        return byId.get(id);
    }

    private void forgetOld() {
        byId.values().removeIf(kept -> kept.untilMillis <= queue.now);
    }
}
