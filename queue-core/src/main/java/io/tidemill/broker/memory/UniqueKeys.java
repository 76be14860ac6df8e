package io.tidemill.broker.memory;

import io.tidemill.task.Unique;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which job holds which unique key. Guarded by the lock of its queue. */
final class UniqueKeys {

    private final Map<String, String> held = new HashMap<>();
    /** Keys held for a time, whatever becomes of the job unless it lets go. */
    private final ExpiringMap<String, String> windows = new ExpiringMap<>();

    /** The job that holds the key; null if it is free. */
    @Nullable
    String holder(String key, long now) {
        String id = held.get(key);
        return id == null ? windows.find(key, now) : id;
    }

    boolean isEmpty(long now) {
        return held.isEmpty() && windows.isEmpty(now);
    }

    /** Takes the key for a job that is due in so long: a window ends so long after that. */
    void take(Unique unique, String id, long now, long dueInMillis) {
        if (unique.scope() == Unique.Scope.WINDOW) {
            windows.put(unique.key(), id, now, unique.window().toMillis() + dueInMillis);
        } else {
            held.put(unique.key(), id);
        }
    }

    /** The job that holds the key is due so much later: a window ends later, too. */
    void prolong(String key, String id, long now, long millis) {
        if (millis > 0 && id.equals(windows.find(key, now))) {
            windows.prolong(key, millis);
        }
    }

    /** Lets go of the key, if this job holds it. */
    void release(String key, String id, long now) {
        if (!held.remove(key, id) && id.equals(windows.find(key, now))) {
            windows.remove(key);
        }
    }
}
