package io.tidemill.broker.memory;

import io.tidemill.broker.JobSnapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Jobs that succeeded and are kept for a time. Guarded by the lock of its queue. */
final class KeptJobs {

    private record Kept(JobSnapshot job, long untilMillis) {}

    private final Map<String, Kept> byId = new HashMap<>();
    /** Those first whose time is over first. */
    private final TreeSet<Kept> inOrder =
            new TreeSet<>(Comparator.comparingLong(Kept::untilMillis).thenComparing(kept -> kept.job.id()));

    void add(JobSnapshot job, long untilMillis) {
        Kept kept = new Kept(job, untilMillis);
        byId.put(job.id(), kept);
        inOrder.add(kept);
    }

    @Nullable
    JobSnapshot find(String id, long now) {
        forgetExpired(now);
        Kept kept = byId.get(id);
        return kept == null ? null : kept.job;
    }

    /** Forgets a job before its time. Returns whether it was kept. */
    boolean remove(String id, long now) {
        forgetExpired(now);
        Kept kept = byId.remove(id);
        return kept != null && inOrder.remove(kept);
    }

    /** Forgets so many before their time, those first whose time is over first. Returns their ids. */
    List<String> removeFirst(int limit, long now) {
        forgetExpired(now);
        List<String> ids = new ArrayList<>();
        while (ids.size() < limit && !inOrder.isEmpty()) {
            String id = inOrder.pollFirst().job.id();
            byId.remove(id);
            ids.add(id);
        }
        return ids;
    }

    /** Forgets those first whose time is over first, until so many are left; no more than {@code most} of them. */
    void trim(long newest, int most, long now) {
        forgetExpired(now);
        for (int i = 0; i < most && byId.size() > newest; i++) {
            byId.remove(inOrder.pollFirst().job.id());
        }
    }

    /** Those first whose time is over last. */
    List<JobSnapshot> inOrder(long now) {
        forgetExpired(now);
        List<JobSnapshot> jobs = new ArrayList<>(inOrder.size());
        inOrder.descendingSet().forEach(kept -> jobs.add(kept.job));
        return jobs;
    }

    int size(long now) {
        forgetExpired(now);
        return byId.size();
    }

    void clear() {
        byId.clear();
        inOrder.clear();
    }

    private void forgetExpired(long now) {
        while (!inOrder.isEmpty() && inOrder.first().untilMillis <= now) {
            byId.remove(inOrder.pollFirst().job.id());
        }
    }
}
