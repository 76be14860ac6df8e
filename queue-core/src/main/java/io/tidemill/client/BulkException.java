package io.tidemill.client;

import io.tidemill.task.TidemillException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Some of many calls could not be stored; the cause says why. Those of the slices before are stored, and nothing was
 * sent of those after. Of the slice in question some queues may have taken their jobs and others not, as each is asked
 * by itself: {@link #queues} says which.
 *
 * <p>To go on, send {@link #remaining}: it leaves out every call that is known to be stored, wherever it stands.
 *
 * <p>Immutable.
 */
public final class BulkException extends TidemillException {

    private static final long serialVersionUID = 1L;

    /** What is known of the jobs of one queue in the slice. */
    public enum Part {
        /** They are stored, or were found to be there. */
        STORED,
        /** The broker refused them: none is stored. */
        REFUSED,
        /** The answer is missing: all of them may be stored, or none. */
        UNKNOWN
    }

    private final long index;
    private final long done;
    private final long next;
    private final transient Map<String, Part> queues;
    private final transient Set<Long> open;

    /**
     * Some calls could not be stored.
     *
     * @param index the index of the call that is wrong, or of the first that is not known to be stored
     * @param next the index of the first call that was not sent
     * @param queues what is known of each queue of the slice; empty if a call is wrong and nothing of it was sent
     * @param open the indexes of the calls before {@code next} that are not known to be stored
     */
    public BulkException(
            String message,
            RuntimeException cause,
            long index,
            long next,
            Map<String, Part> queues,
            Collection<Long> open) {
        super(message, cause);
        this.index = index;
        this.next = next;
        this.queues = Map.copyOf(queues);
        this.open = new TreeSet<>(open);
        this.done = this.open.stream().findFirst().orElse(next);
    }

    /** The index of the call that is wrong, from 0; or of the first that was not stored for sure. */
    public long index() {
        return index;
    }

    /**
     * How many calls from the first on are done without a gap: stored, or found to be there. Calls to other queues
     * behind the gap may be done as well, so do not simply go on here: see {@link #remaining}.
     */
    public long done() {
        return done;
    }

    /** What is known of each queue of the slice that failed; empty if a call is wrong and nothing of it was sent. */
    public Map<String, Part> queues() {
        return queues;
    }

    /**
     * The calls that are not known to be stored: refused, not answered, not sent. Of those not answered a job with an
     * id of its own is not stored twice as long as it is known; another may be.
     *
     * @param calls all calls, as they were given to {@code enqueueAll}, or made anew in the same order
     */
    public <C> List<C> remaining(List<C> calls) {
        List<C> remaining = new ArrayList<>();
        open.forEach(call -> remaining.add(calls.get(Math.toIntExact(call))));
        remaining.addAll(calls.subList(Math.toIntExact(next), calls.size()));
        return remaining;
    }
}
