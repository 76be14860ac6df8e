package io.tidemill.schedule;

import io.tidemill.broker.ScheduleStore;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks once a minute for schedules that should have fired and have not: nobody can read them, their jobs are refused,
 * or no process is fast enough. In each queue it looks at those that come first, up to 1,000 of them.
 *
 * <p>One that seems overdue counts if it still is at a second look. After an outage, or when the first process starts,
 * everything is late for a moment.
 *
 * <p>Rounds are done by one thread; what was found can be read from any.
 */
final class OverdueWatch {

    private static final Logger log = LoggerFactory.getLogger("io.tidemill.schedule");

    private static final Duration PERIOD = Duration.ofMinutes(1);
    /**
     * In one round, which must not take so long that the loop counts as stuck: each is asked for its time and its list.
     */
    private static final int MOST_QUEUES = 20;

    private static final Duration BETWEEN_PIECES = Duration.ofSeconds(1);
    /** Longer than a process that died holds what it took, so that another one had the time to fire it. */
    private static final Duration BEFORE_SECOND_LOOK = Duration.ofSeconds(10);

    private static final int MOST_PAGES = 10;

    private final ScheduleAccess access;
    private final Runnable noneFound;
    private final Map<String, List<ScheduleInfo>> overdue = new ConcurrentSkipListMap<>();
    /** Those that are not looked at yet. Confined to the rounds. */
    private final Deque<String> queues = new ArrayDeque<>();
    /** By queue, the names of those that seemed overdue when it was looked at last. Confined to the rounds. */
    private final Map<String, Set<String>> seemed = new HashMap<>();

    private boolean isSecondLook;

    /** @param noneFound called after a round if no schedule is known to be overdue, and none seems to be */
    OverdueWatch(ScheduleAccess access, Runnable noneFound) {
        this.access = access;
        this.noneFound = noneFound;
    }

    /** Those that were found when each queue was looked at last. */
    List<ScheduleInfo> overdue() {
        return overdue.values().stream().flatMap(List::stream).toList();
    }

    /** Looks at all queues, or at the next 20. Gives the time until the next round. */
    Duration round() {
        try {
            if (queues.isEmpty()) {
                begin();
            }
            boolean isKnown = true;
            for (int i = 0; i < MOST_QUEUES && !queues.isEmpty(); i++) {
                isKnown &= lookSafely(queues.remove());
            }
            if (isKnown && overdue.isEmpty() && seemed.isEmpty()) {
                noneFound.run();
            }
        } catch (RuntimeException e) {
            log.debug("whether schedules are overdue is not known", e);
        }
        if (!queues.isEmpty()) {
            return BETWEEN_PIECES;
        }
        return isSecondLook || seemed.isEmpty() ? PERIOD : BEFORE_SECOND_LOOK;
    }

    /** After a look at all queues comes a second one at those in which something seems overdue, and then all again. */
    private void begin() {
        isSecondLook = !isSecondLook && !seemed.isEmpty();
        if (isSecondLook) {
            queues.addAll(seemed.keySet());
        } else {
            queues.addAll(access.queues());
            overdue.keySet().retainAll(queues);
            seemed.keySet().retainAll(queues);
        }
    }

    /** One queue that cannot be read keeps no other from being looked at. */
    private boolean lookSafely(String queue) {
        try {
            look(queue);
            return true;
        } catch (RuntimeException e) {
            log.debug("whether schedules of queue {} are overdue is not known", queue, e);
            return false;
        }
    }

    private void look(String queue) {
        List<ScheduleInfo> found = new ArrayList<>();
        long now = access.nowMillis(queue);
        int offset = 0;
        for (int page = 0; page < MOST_PAGES; page++) {
            List<ScheduleInfo> some = access.list(queue, offset, ScheduleStore.MAX_TAKEN);
            some.stream().filter(info -> info.isOverdue(now)).forEach(found::add);
            offset += some.size();
            if (some.isEmpty() || isLater(some.get(some.size() - 1), now)) {
                break;
            }
        }
        note(queue, found);
    }

    /** Those that were found at the look before count. */
    private void note(String queue, List<ScheduleInfo> found) {
        Set<String> before = seemed.getOrDefault(queue, Set.of());
        List<ScheduleInfo> certain =
                found.stream().filter(info -> before.contains(info.name())).toList();
        if (found.isEmpty()) {
            seemed.remove(queue);
        } else {
            seemed.put(queue, found.stream().map(ScheduleInfo::name).collect(Collectors.toSet()));
        }
        if (certain.isEmpty()) {
            overdue.remove(queue);
        } else if (overdue.put(queue, certain) == null) {
            log.warn("{} schedules of queue {} are overdue; the first is {}", certain.size(), queue, certain.get(0));
        }
    }

    /** One that cannot be fired stands in the list where it is tried again. */
    private static boolean isLater(ScheduleInfo info, long now) {
        long at = info.stored().fireAtMillis();
        return at < 0 || at > now + ScheduleState.Trouble.LONGEST_MILLIS;
    }
}
