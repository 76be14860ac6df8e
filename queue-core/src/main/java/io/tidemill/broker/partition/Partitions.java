package io.tidemill.broker.partition;

import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.text.Names;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which queues are split, and what their parts are called: the first keeps the queue's name, so that splitting a queue
 * loses nothing that is in it; the others are {@code <queue>:p1}, {@code <queue>:p2} and so on.
 *
 * <p>Immutable.
 */
final class Partitions {

    private static final int MOST = 64;
    private static final String MARK = ":p";
    private static final char OF = '/';

    private final Map<String, List<String>> parts = new HashMap<>();
    private final Map<String, String> queues = new HashMap<>();

    Partitions(Map<String, Integer> sizes) {
        sizes.forEach((queue, size) -> {
            if (size < 1 || size > MOST) {
                throw new IllegalArgumentException(
                        "the partitions of queue " + queue + " must be 1 to " + MOST + ", got " + size);
            }
            List<String> names = new ArrayList<>(List.of(Names.check("queue name", queue)));
            for (int i = 1; i < size; i++) {
                names.add(Names.check("queue name", queue + MARK + i));
            }
            parts.put(queue, List.copyOf(names));
            names.forEach(name -> queues.put(name, queue));
        });
        parts.forEach((queue, names) -> names.stream()
                .skip(1)
                .filter(parts::containsKey)
                .forEach(name -> {
                    throw new IllegalArgumentException(
                            "queue " + name + " has the name of a partition of queue " + queue);
                }));
    }

    /** The queues that are split. */
    Map<String, List<String>> all() {
        return parts;
    }

    /** The parts of a queue; the queue itself if it is not split. */
    List<String> of(String queue) {
        return parts.getOrDefault(queue, List.of(queue));
    }

    boolean isSplit(String queue) {
        return parts.containsKey(queue);
    }

    /** The queue that this is a part of; itself if it is none. */
    String queueOf(String part) {
        return queues.getOrDefault(part, part);
    }

    /** Parts that somebody made who knows of more of them, by these names of queues. */
    Set<String> unknown(Iterable<String> names) {
        Set<String> unknown = new TreeSet<>();
        for (String name : names) {
            int mark = name.lastIndexOf(MARK);
            String number = mark < 0 ? "" : name.substring(mark + MARK.length());
            if (number.matches("\\d{1,2}") && isSplit(name.substring(0, mark)) && !queues.containsKey(name)) {
                unknown.add(name);
            }
        }
        return unknown;
    }

    /** Whether it does not matter which part a job goes to. */
    static boolean isFree(NewJob job) {
        return job.hasNewId()
                && job.constraints().unique() == null
                && job.constraints().group() == null
                && job.constraints().step() == null;
    }

    /**
     * Where a job goes: one that a schedule stores to the first part, which keeps the schedules whatever the number of
     * parts; all others that share a unique key, or else a group, or else an id, to the same part.
     */
    static int partOf(NewJob job, int parts) {
        JobConstraints constraints = job.constraints();
        String key = job.id();
        if (constraints.step() != null) {
            return 0;
        }
        if (constraints.unique() != null) {
            key = constraints.unique().key();
        } else if (constraints.group() != null) {
            key = constraints.group();
        }
        int hash = key.hashCode() * 0x9E3779B9;
        return Math.floorMod(hash ^ (hash >>> 16), parts);
    }

    /** A lease's token as workers know it, which says what part it is of. */
    static String mark(String token, int part) {
        return token + OF + part;
    }

    static int partOf(String marked) {
        int mark = marked.lastIndexOf(OF);
        return mark < 0 ? 0 : Integer.parseInt(marked.substring(mark + 1));
    }

    static String token(String marked) {
        int mark = marked.lastIndexOf(OF);
        return mark < 0 ? marked : marked.substring(0, mark);
    }

    /** What one of so many parts keeps of what they keep together, rounded up. */
    static long share(long all, int parts) {
        return all / parts + (all % parts == 0 ? 0 : 1);
    }
}
