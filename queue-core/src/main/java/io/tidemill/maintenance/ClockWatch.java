package io.tidemill.maintenance;

import io.tidemill.broker.Sweeps;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Notices when the broker's clock is set ahead. All leases seem to have ended then, although their holders live: the
 * lease time has not passed on the clock of this process.
 *
 * <p>Thread-safe.
 */
final class ClockWatch {

    /** What differs by less may be answers that took their time. */
    private static final long NOTABLE_MILLIS = 1_000;

    private final Sweeps sweeps;
    private final Set<String> queues;
    /** How far the clock was ahead of ours when it was last looked at. */
    private final Map<String, Long> leads = new ConcurrentHashMap<>();

    /** Looks after these queues and no others, so that it does not grow. */
    ClockWatch(Sweeps sweeps, Set<String> queues) {
        this.sweeps = sweeps;
        this.queues = queues;
    }

    /** Whether the clock was set ahead since this was last asked, for one of these queues. */
    boolean isSetAhead(Collection<String> answered) {
        boolean isSetAhead = false;
        for (String queue : answered) {
            long lead = queues.contains(queue) ? sweeps.clockLead(queue) : Sweeps.NOT_KNOWN;
            Long before = lead == Sweeps.NOT_KNOWN ? null : leads.put(queue, lead);
            isSetAhead |= before != null && lead - before >= NOTABLE_MILLIS;
        }
        return isSetAhead;
    }
}
