package io.tidemill.redis;

import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.tidemill.redis.Finding.Severity;
import io.tidemill.redis.keys.KeyKind;
import io.tidemill.redis.keys.Keyspace;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/** The keys that a queue has: names that others look behind, and whether each has the type that it must have. */
final class KeyScan {

    private final ExaminedQueue queue;
    private final Keyspace keys;
    /** Ids of jobs that have a record. */
    final Set<String> recorded = new HashSet<>();
    /** Tokens of leases that hold jobs. */
    final Set<String> leases = new TreeSet<>();
    /** Groups that have ready jobs. */
    final Set<String> groups = new TreeSet<>();
    /** Keys that say whose jobs take up capacity. */
    final Set<String> holders = new TreeSet<>();
    /** Jobs that have places. */
    final Set<String> withPlaces = new TreeSet<>();
    /** Keys of locks. */
    final Set<String> locks = new TreeSet<>();

    private boolean isReadable = true;

    KeyScan(ExaminedQueue queue) {
        this.queue = queue;
        keys = queue.keys();
        scan();
    }

    /** Whether all keys have the types that commands expect. */
    boolean isReadable() {
        return isReadable;
    }

    private void scan() {
        String all = KeyKind.beginning(keys).replace("[", "\\[") + "*";
        ScanIterator<String> names =
                ScanIterator.scan(queue.redis(), ScanArgs.Builder.matches(all).limit(ExaminedQueue.PAGE));
        while (names.hasNext()) {
            String key = names.next();
            KeyKind kind = KeyKind.of(keys, key);
            if (kind == null) {
                queue.found(Severity.MEDIUM, "unknown-key", key, "is no key that a queue has: nobody reads it");
                continue;
            }
            String name = String.valueOf(kind.nameIn(keys, key));
            switch (kind) {
                case JOB -> recorded.add(name);
                case LEASE -> leases.add(name);
                case GROUP -> groups.add(name);
                case GROUP_HOLDERS, HOLDERS -> holders.add(key);
                case UNIQUE -> locks.add(key);
                case PLACES -> withPlaces.add(name);
                default -> {}
            }
            // Records are read again one by one if something is odd about them; there may be millions.
            if (kind != KeyKind.JOB) {
                checkType(key, kind);
            }
        }
    }

    private void checkType(String key, KeyKind kind) {
        String type = queue.redis().type(key);
        if (!type.equals(kind.type()) && !type.equals("none")) {
            isReadable = false;
            queue.found(Severity.HIGH, "types", key, "is a " + type + " and must be a " + kind.type());
        } else if (!kind.mayExpire() && queue.redis().pttl(key) >= 0) {
            queue.found(Severity.HIGH, "no-expiry", key, "expires, and what it holds with it");
        }
    }
}
