package io.tidemill.broker.memory;

import io.tidemill.broker.Claim;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Notes;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowMember;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A job that has not ended, or is dead. Guarded by the lock of its queue. */
final class StoredJob {

    final String id;
    byte[] body;
    final int priority;
    final JobConstraints constraints;

    JobState state = JobState.READY;
    int failures;
    int lostLeases;
    int releases;
    byte @Nullable [] failure;
    /** When it is due (scheduled) or died (dead); 0 otherwise. Changed only while the job is in no sorted set. */
    long time;
    /** It must have started by then, ms; 0 for no limit. */
    final long expiresAt;
    /** It is put off no further than this, ms; the highest number for no limit. */
    long latest;
    /** Of what its body says; null for none. */
    @Nullable
    Long version;
    /** What its runs have noted. */
    Notes notes = Notes.NONE;
    /** Somebody asked to cancel it while it ran. */
    boolean cancelRequested;
    /** Its end is to be published. */
    boolean watched;
    /** Of the workflow that it belongs to; null for none. */
    @Nullable
    final WorkflowMember member;
    /** What it waits for, or waited for; null for nothing. */
    @Nullable
    final Places places;

    StoredJob(NewJob job, long now) {
        this(job, null, WorkflowJob.NONE, now);
    }

    StoredJob(WorkflowJob job, long now) {
        this(job.job(), job.member(), job.places(), now);
    }

    private StoredJob(NewJob job, @Nullable WorkflowMember member, int places, long now) {
        this.member = member;
        this.places = places == WorkflowJob.NONE ? null : new Places(places);
        id = job.id();
        body = job.body();
        priority = job.priority();
        constraints = job.constraints();
        Unique unique = constraints.unique();
        latest = unique == null || unique.longestDelay() == null
                ? Long.MAX_VALUE
                : now + unique.longestDelay().toMillis();
        version = unique == null ? null : unique.version();
        expiresAt = constraints.expiresInMillis() == 0 ? 0 : now + constraints.expiresInMillis();
    }

    /** Whether a lease on it ended while it was held: it may have killed its process, so it is claimed alone. */
    boolean isSuspect() {
        return lostLeases > 0;
    }

    /** Whether a worker had it and gave it back, or lost it. */
    boolean hasComeBack() {
        return lostLeases + releases > 0;
    }

    /** Whether this is the key that it is the only one with. */
    boolean names(String key) {
        return constraints.unique() != null && constraints.unique().key().equals(key);
    }

    /** Whether what its body says is older than what that job's says, as far as both have a version. */
    boolean isOlderThan(StoredJob other) {
        return version != null && other.version != null && version < other.version;
    }

    /** Takes what that job was to run. */
    void update(StoredJob other) {
        body = other.body;
        version = other.version == null ? version : other.version;
    }

    /** Whether a worker ever took it. */
    boolean hasStarted() {
        return failures + lostLeases + releases > 0 || state == JobState.ACTIVE;
    }

    /** Whether places of it are to be filled before it runs, or before its time comes. */
    boolean waitsForPlaces() {
        return places != null && (state == JobState.WAITING || (state == JobState.SCHEDULED && !hasStarted()));
    }

    /** Whether it waits to run, for the first time or again. */
    boolean isWaiting() {
        return state == JobState.READY || state == JobState.SCHEDULED;
    }

    Claim claim(String token, long now) {
        return new Claim(id, token, body, priority, failures, lostLeases, releases, null, notes, now);
    }

    JobBrief brief() {
        return new JobBrief(
                id, Arrays.copyOf(body, Math.min(body.length, JobBrief.MOST)), failures, lostLeases, releases);
    }

    JobSnapshot snapshot() {
        Unique unique = constraints.unique();
        return new JobSnapshot(
                id,
                state,
                body,
                priority,
                failures,
                lostLeases,
                releases,
                failure,
                time,
                0,
                null,
                new JobSnapshot.Constraints(
                        unique == null ? null : unique.key(), constraints.group(), expiresAt, member));
    }
}
