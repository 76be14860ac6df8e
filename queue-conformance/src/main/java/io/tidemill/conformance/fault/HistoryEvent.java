package io.tidemill.conformance.fault;

/**
 * One line of a {@link Journal}: what a process asked of its broker, what it was answered, what its tasks did, or what
 * was done to it.
 *
 * @param at when it was written down, in µs since 1970
 * @param asked for answers, when the question was written down; otherwise as {@code at}
 * @param process who wrote it
 * @param kind what happened
 * @param job the job it happened to; empty if to none
 * @param token the lease it happened under; empty if under none
 * @param attempt the number of the run; 0 if it belongs to none
 * @param millis how long: a lease, or a delay; 0 for none
 * @param note what else there is to say, on one line; for the kinds that ask or answer how a run ended, the name of an
 *     {@link End}
 */
public record HistoryEvent(
        long at,
        long asked,
        String process,
        Kind kind,
        String job,
        String token,
        int attempt,
        long millis,
        String note) {

    private static final String NOTHING = "-";
    private static final int FIELDS = 9;

    /** What happened. */
    public enum Kind {
        /** A job is about to be sent; {@code millis} is its delay. */
        ENQUEUE_ASKED,
        /** It is stored. */
        ENQUEUED,
        /** It was there already. */
        DUPLICATE,
        /** The broker refused; it is not stored. */
        ENQUEUE_REFUSED,
        /** No answer came; it may be stored or not. */
        ENQUEUE_UNKNOWN,
        /**
         * A worker got a job, for a lease of {@code millis}; the note says how many failures and releases it has, with
         * a comma between them.
         */
        CLAIMED,
        /** The task began. */
        STARTED,
        /** The task ended, with or without success. */
        FINISHED,
        /** The outcome of a run is about to be sent to the broker; {@code millis} is the delay that it asks for. */
        END_ASKED,
        /** It is recorded. */
        END_RECORDED,
        /** The job ended as cancelled instead. */
        END_CANCELLED,
        /** It was refused because the lease had ended. */
        END_STALE,
        /** The broker refused the call; nothing was changed. */
        END_REFUSED,
        /** No answer came; it may be recorded or not. */
        END_UNKNOWN,
        /** A lease stands and now lasts {@code millis} longer. */
        EXTENDED,
        /** A lease that was to be extended has ended. */
        LEASE_ENDED,
        /** The job was taken back from a lease that had ended. */
        RECOVERED,
        /** The job was taken back from a lease that had ended, and is dead because that was once too often. */
        BURIED,
        /** Something was done to a process or to Redis; the note says what. */
        DISTURBED,
        /** When all was over the job was still in the broker; the note says in which state. */
        REMAINS,
        /** A durable step of the run did its work; the note names it. */
        STEP_DONE,
        /** The run knows that the result of a step is recorded; the note names the step. */
        STEP_RECORDED
    }

    /** How a run ended. */
    public enum End {
        SUCCEEDED,
        RETRY,
        DEAD,
        CANCELLED,
        RELEASED
    }

    /** One line, without its end. Notes lose what would break it. */
    public String line() {
        return at + " " + asked + " " + orNothing(process) + " " + kind + " " + orNothing(job) + " " + orNothing(token)
                + " " + attempt + " " + millis + " " + orNothing(note.replaceAll("\\R", " "));
    }

    /**
     * Reads what {@link #line} wrote.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public static HistoryEvent parse(String line) {
        String[] parts = line.split(" ", FIELDS);
        if (parts.length < FIELDS) {
            throw new IllegalArgumentException("not a line of a history: " + line);
        }
        return new HistoryEvent(
                Long.parseLong(parts[0]),
                Long.parseLong(parts[1]),
                orEmpty(parts[2]),
                Kind.valueOf(parts[3]),
                orEmpty(parts[4]),
                orEmpty(parts[5]),
                Integer.parseInt(parts[6]),
                Long.parseLong(parts[7]),
                orEmpty(parts[8]));
    }

    private static String orNothing(String text) {
        return text.isEmpty() ? NOTHING : text;
    }

    private static String orEmpty(String text) {
        return text.equals(NOTHING) ? "" : text;
    }
}
