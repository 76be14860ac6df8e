package io.tidemill.broker;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How one run of a claimed job ended: what the holder of its lease reports to the broker. Under a lease that has ended
 * it is refused and changes nothing.
 */
public sealed interface Completion {

    /** The job. */
    String id();

    /** The lease that it is held under. */
    String token();

    /** The same under another token. */
    Completion under(String value);

    /**
     * The run succeeded; the job is over.
     *
     * @param result what to keep for {@code await}; null keeps nothing
     * @param resultTtlMillis how long to keep it, in ms
     * @param receipt what {@link Claim#receipt} said
     * @param keep for how long the job itself is kept; null keeps nothing but the result
     * @param followers what follows a job of a workflow; null for nothing
     */
    record Succeeded(
            String id,
            String token,
            byte @Nullable [] result,
            long resultTtlMillis,
            @Nullable String receipt,
            @Nullable Keep keep,
            @Nullable Followers followers)
            implements Completion {

        /** Nothing follows. */
        public Succeeded(
                String id,
                String token,
                byte @Nullable [] result,
                long resultTtlMillis,
                @Nullable String receipt,
                @Nullable Keep keep) {
            this(id, token, result, resultTtlMillis, receipt, keep, null);
        }

        /** Of a job that was claimed without a receipt. */
        public Succeeded(String id, String token, byte @Nullable [] result, long resultTtlMillis) {
            this(id, token, result, resultTtlMillis, null, null);
        }

        /** Of the job that was claimed with this. */
        public static Succeeded of(Claim claim, byte @Nullable [] result, long resultTtlMillis) {
            return new Succeeded(claim.id(), claim.token(), result, resultTtlMillis, claim.receipt(), null);
        }

        /** The same, and the job is kept. */
        public Succeeded keeping(@Nullable Keep value) {
            return new Succeeded(id, token, result, resultTtlMillis, receipt, value, followers);
        }

        /** The same, and this follows. */
        public Succeeded following(@Nullable Followers value) {
            return new Succeeded(id, token, result, resultTtlMillis, receipt, keep, value);
        }

        /** The same without a result. */
        public Succeeded withoutResult() {
            return new Succeeded(id, token, null, 0, receipt, keep, followers);
        }

        @Override
        public Succeeded under(String value) {
            return new Succeeded(id, value, result, resultTtlMillis, receipt, keep, followers);
        }
    }

    /** The run did not succeed: what {@link Broker#fail} takes. */
    sealed interface Failed extends Completion {

        @Override
        Failed under(String value);

        /** What the function for its case returns. A release that adds a case adds a function here. */
        default <T> T match(
                Function<? super Retry, ? extends T> retry,
                Function<? super Dead, ? extends T> dead,
                Function<? super Cancelled, ? extends T> cancelled) {
            if (this instanceof Retry it) {
                return retry.apply(it);
            }
            return this instanceof Dead it ? dead.apply(it) : cancelled.apply((Cancelled) this);
        }
    }

    /**
     * How a job that succeeded is kept: it is found and listed as {@code SUCCEEDED}, with its record, its counts and
     * its times, until its time is over or the queue keeps too many.
     *
     * @param millis how long, in ms, 1 or more
     * @param newest how many jobs the queue keeps; when it keeps more, those are forgotten whose time is over first, at
     *     most {@value Broker#MAX_BATCH} with one call. Of the jobs of one call the largest number counts
     * @param ranMillis how long the run took, in ms, by which the broker knows when it started
     */
    record Keep(long millis, long newest, long ranMillis) {}

    /**
     * The run failed and the job is tried again; one failure is counted.
     *
     * @param delayMillis how long to wait, in ms
     * @param failure what went wrong, opaque to the broker
     */
    record Retry(String id, String token, long delayMillis, byte[] failure) implements Failed {

        @Override
        public Retry under(String value) {
            return new Retry(id, value, delayMillis, failure);
        }
    }

    /**
     * The run failed and the job is dead; one failure is counted.
     *
     * @param failure what went wrong, opaque to the broker
     */
    record Dead(String id, String token, byte[] failure) implements Failed {

        @Override
        public Dead under(String value) {
            return new Dead(id, value, failure);
        }
    }

    /**
     * The job goes back without a failure; one release is counted. Without a delay it goes to the front of the queue,
     * where those that came back stand in the order of their ids.
     *
     * @param delayMillis how long to wait, in ms; 0 for at once
     */
    record Release(String id, String token, long delayMillis) implements Completion {

        @Override
        public Release under(String value) {
            return new Release(id, value, delayMillis);
        }
    }

    /** The job ended as cancelled. */
    record Cancelled(String id, String token) implements Failed {

        @Override
        public Cancelled under(String value) {
            return new Cancelled(id, value);
        }
    }
}
