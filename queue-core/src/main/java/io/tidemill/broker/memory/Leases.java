package io.tidemill.broker.memory;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The active state of a queue: which token holds which jobs, and until when. Whoever is not among the jobs of a token
 * is not held under it; there is no second place that could disagree. A lease without jobs does not exist.
 */
final class Leases {

    /** A token with the jobs that it still holds, in the order in which they were claimed. */
    static final class Lease {

        final String token;
        private final Map<String, StoredJob> jobs = new LinkedHashMap<>();
        /** Changed only while the lease is out of {@link Leases#byDeadline}. */
        private long deadline;

        private Lease(String token, long deadline) {
            this.token = token;
            this.deadline = deadline;
        }

        long deadline() {
            return deadline;
        }

        Collection<StoredJob> jobs() {
            return jobs.values();
        }
    }

    private final Map<String, Lease> byToken = new HashMap<>();
    private final TreeSet<Lease> byDeadline = new TreeSet<>(
            Comparator.comparingLong((Lease lease) -> lease.deadline).thenComparing(lease -> lease.token));

    void add(String token, long deadline, List<StoredJob> jobs) {
        Lease lease = new Lease(token, deadline);
        jobs.forEach(job -> lease.jobs.put(job.id, job));
        byToken.put(token, lease);
        byDeadline.add(lease);
    }

    @Nullable
    Lease find(String token) {
        return byToken.get(token);
    }

    /** The job, if this token holds it; null if not. */
    @Nullable
    StoredJob held(String token, String id) {
        Lease lease = byToken.get(token);
        return lease == null ? null : lease.jobs.get(id);
    }

    /** Takes a job out of the lease that holds it; null if this token does not hold it. */
    @Nullable
    StoredJob takeOut(String token, String id) {
        Lease lease = byToken.get(token);
        StoredJob job = lease == null ? null : lease.jobs.remove(id);
        if (lease != null && lease.jobs.isEmpty()) {
            remove(lease);
        }
        return job;
    }

    void extend(Lease lease, long deadline) {
        byDeadline.remove(lease);
        lease.deadline = Math.max(lease.deadline, deadline);
        byDeadline.add(lease);
    }

    /** Takes away the leases that have ended, first ended first. */
    List<Lease> takeEnded(long now, int limit) {
        List<Lease> ended = new ArrayList<>();
        while (ended.size() < limit && !byDeadline.isEmpty() && byDeadline.first().deadline <= now) {
            Lease lease = byDeadline.first();
            remove(lease);
            ended.add(lease);
        }
        return ended;
    }

    boolean hasEnded(long now) {
        return !byDeadline.isEmpty() && byDeadline.first().deadline <= now;
    }

    /** When the first of them ends; the highest number if there is none. */
    long firstDeadline() {
        return byDeadline.isEmpty() ? Long.MAX_VALUE : byDeadline.first().deadline;
    }

    /** How many jobs are held. */
    int size() {
        int size = 0;
        for (Lease lease : byDeadline) {
            size += lease.jobs.size();
        }
        return size;
    }

    List<StoredJob> jobs() {
        List<StoredJob> all = new ArrayList<>();
        byDeadline.forEach(lease -> all.addAll(lease.jobs.values()));
        return all;
    }

    /** Those first that end first. */
    Collection<Lease> inOrder() {
        return byDeadline;
    }

    private void remove(Lease lease) {
        byToken.remove(lease.token);
        byDeadline.remove(lease);
    }
}
