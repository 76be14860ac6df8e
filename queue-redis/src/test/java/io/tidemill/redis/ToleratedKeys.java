package io.tidemill.redis;

import io.tidemill.redis.script.Script;
import java.util.HashSet;
import java.util.Set;

/** Keys that a script only asks the existence of, or does not need in a scenario: a wrong type there is not noticed. */
final class ToleratedKeys {

    private ToleratedKeys() {}

    /** Names of such keys. */
    static Set<String> of(Scenario scenario) {
        return switch (scenario) {
            case ENQUEUE, ENQUEUE_FIRES_KNOWN ->
                Set.of(
                        "leases",
                        "job..",
                        "dead",
                        "dropped",
                        "awaited",
                        "cancels",
                        "expiring",
                        "turns",
                        "parked",
                        "limits",
                        "lease",
                        "taken");
            case ENQUEUE_FIRES ->
                Set.of(
                        "leases", "job..", "dead", "dropped", "awaited", "cancels", "parked", "limits", "lease",
                        "taken");
            case ENQUEUE_FLOWS -> Set.of("parked", "limits", "lease", "taken", "job..");
            case ENQUEUE_IN_ORDER -> Set.of("limits", "lease", "taken", "job..", "expiring");
            // What exists at all is no reason to hand over, and else not looked at.
            case ENQUEUE_FRESH, ENQUEUE_HANDED -> unlookedAt(scenario);
            case CLAIM, CLAIM_LIMITED, CLAIM_PLAIN, CLAIM_IN_ORDER ->
                Set.of("awaited", "cancels", "counts", "expiring");
            case COMPLETE, COMPLETE_LIMITED, COMPLETE_PLAIN, COMPLETE_IN_ORDER -> Set.of("job..", "expiring", "kept");
            case COMPLETE_FLOWS -> Set.of("kept");
            case COMPLETE_KEPT -> Set.of("expiring");
            case COMPLETE_ONLY ->
                Set.of("job..", "ready", "levels", "delayed", "dropped", "lease", "expiring", "taken", "kept");
            case COMPLETE_STEPS ->
                Set.of("ready", "levels", "delayed", "dropped", "lease", "expiring", "taken", "kept");
            case STORE, STORE_RECORD -> Set.of("job..");
            case FOLLOW -> Set.of("dropped", "lease", "taken");
            case FOLLOW_AND_CLAIM -> Set.of("dropped", "lease", "job..");
            // Looked at only for a job that has no record.
            case FIND, DELETE_IN_ORDER -> Set.of("kept");
            case CANCEL_IN_ORDER -> Set.of("result");
            // Of groups only for a job that its group may not overtake.
            case DELETE_READY, DELETE_SCHEDULED, DELETE_FLOWS, DELETE_WAITING -> Set.of("kept", "turns", "parked");
            case CANCEL_READY, CANCEL_SCHEDULED, CANCEL_ACTIVE, CANCEL_FLOWS, CANCEL_WAITING ->
                Set.of("result", "turns", "parked");
            case RESCHEDULE_NOW, RESCHEDULE_LATER -> Set.of("parked");
            case DELETE_KEPT -> Set.of("turns", "parked");
            // Only its name is used, as the beginning of others.
            case REGISTER, LEAVE, ADD -> Set.of("leases");
            case REDRIVE, REDRIVE_PLAIN, REDRIVE_FLOWS -> Set.of("job..", "job");
            case DELETE_DEAD -> Set.of("job", "kept", "turns", "parked");
            default -> Set.of();
        };
    }

    private static Set<String> unlookedAt(Scenario scenario) {
        Set<String> keys = new HashSet<>(Script.ENQUEUE.keys());
        keys.removeAll(Set.of("ready", "waiting", "counts", "request"));
        if (scenario == Scenario.ENQUEUE_HANDED) {
            keys.removeAll(Set.of("leases", "delayed", "taken"));
        }
        return keys;
    }
}
