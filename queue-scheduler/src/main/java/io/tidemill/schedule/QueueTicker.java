package io.tidemill.schedule;

import io.tidemill.broker.Broker;
import io.tidemill.broker.DueSchedules;
import io.tidemill.broker.FoundSchedules;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.ScheduleStep;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.client.BulkException;
import io.tidemill.client.JobHandle;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.TaskClient;
import io.tidemill.message.MissingKeyException;
import io.tidemill.schedule.ScheduleState.Trouble;
import io.tidemill.task.BrokerException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what is due in one queue: reads what was taken, asks for last jobs where it matters, plans, stores the jobs of
 * all together, and writes the rest. One schedule that cannot be fired is held back and does not stop the others.
 *
 * <p>Confined to the thread of the {@link Ticker}.
 */
final class QueueTicker {

    private static final Logger log = LoggerFactory.getLogger("io.tidemill.schedule");

    private static final int MOST_JOBS = 100;
    /** About how many bytes the states in the jobs of one schedule take up. */
    private static final int MOST_BYTES = 256 << 10;

    private static final long FIRST_HOLD_MILLIS = 1_000;
    private static final int LONGEST_REASON = 1_000;
    /** Revisions that were logged as left alone. */
    private static final int REMEMBERED = 1_000;

    private final Broker broker;
    private final TaskClient client;
    private final FiringListener listener;
    private final StopSignal stop;

    private final LeftToOthers others = new LeftToOthers();

    private final Set<String> leftAlone = Collections.newSetFromMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    });

    QueueTicker(Broker broker, TaskClient client, FiringListener listener, StopSignal stop) {
        this.broker = broker;
        this.client = client;
        this.listener = listener;
        this.stop = stop;
    }

    /** Hears of jobs that this process stored. */
    @FunctionalInterface
    interface FiringListener {
        /**
         * A job was stored.
         *
         * @param late how long after it was to be, jitter counted in
         */
        void fired(String queue, Tick tick, JobHandle<?> job, Duration late);
    }

    /** A schedule that was taken, and what is to be done with it. */
    private record Entry(StoredSchedule stored, ScheduleState state, Plan plan) {

        String name() {
            return stored.name();
        }
    }

    /** A job to be stored. */
    private record Item(Entry entry, Tick tick, PreparedJob job) {}

    /** The names of those that this process cannot fire. */
    Set<String> leftToOthers(String queue) {
        return others.names(queue);
    }

    /**
     * Does it.
     *
     * @return when something of this queue is to be done next, ms since 1970 by the broker's clock
     */
    long tick(String queue, DueSchedules due) {
        long now = due.nowMillis();
        List<Entry> entries = plan(queue, due);
        List<Item> items = items(queue, entries, now);
        cancelPrevious(queue, items);
        send(queue, items, now);
        long next = due.nextAtMillis() == StoredSchedule.NEVER ? Long.MAX_VALUE : due.nextAtMillis();
        List<CompletableFuture<Boolean>> writes = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.plan().firings().isEmpty()) {
                writes.add(write(queue, entry, entry.plan().end(), now));
            }
            long fireAt = entry.plan().end().fireAt(entry.name(), now);
            next = fireAt == StoredSchedule.NEVER ? next : Math.min(next, fireAt);
        }
        writes.forEach(write -> stop.await(write, "to write schedules of queue " + queue));
        if (others.looksAgain(queue, now)) {
            lookAtOthers(queue);
        }
        return next;
    }

    /** Some of them may have been put again by a process whose schedules can be read here, or removed. */
    private void lookAtOthers(String queue) {
        List<String> names = others.names(queue).stream().sorted().toList();
        Set<String> left = new HashSet<>();
        int looked = 0;
        while (looked < names.size()) {
            FoundSchedules found = stop.await(
                    broker.schedules().find(queue, names.subList(looked, names.size())),
                    "for schedules that are left to others");
            found.schedules().stream()
                    .filter(stored -> !canFire(queue, stored))
                    .forEach(stored -> left.add(stored.name()));
            looked += found.looked();
        }
        others.retain(queue, left);
    }

    private boolean canFire(String queue, StoredSchedule stored) {
        ScheduleState state = ScheduleInfo.of(queue, stored).state();
        if (state == null) {
            return false;
        }
        try {
            Tick tick = new Tick(stored.name(), Instant.EPOCH, null);
            ScheduledJobs.of(client, state.definition(), Planner.jobId(stored.name(), tick.due()), tick, null);
            return true;
        } catch (MissingKeyException e) {
            return false;
        } catch (RuntimeException e) {
            // What is wrong with it is found when it is taken.
            return true;
        }
    }

    private List<Entry> plan(String queue, DueSchedules due) {
        Map<StoredSchedule, ScheduleState> read = new LinkedHashMap<>();
        Map<StoredSchedule, CompletableFuture<Optional<JobSnapshot>>> lastJobs = new LinkedHashMap<>();
        for (StoredSchedule stored : due.schedules()) {
            ScheduleInfo info = ScheduleInfo.of(queue, stored);
            ScheduleState state = info.state();
            if (state == null) {
                leaveAlone(queue, stored, info.problem().orElse("unknown"), due.nowMillis());
                continue;
            }
            read.put(stored, state);
            String lastJob = state.lastJob();
            if (Planner.asksForLastJob(state) && lastJob != null) {
                lastJobs.put(stored, broker.lookUp().find(queue, lastJob, false));
            }
        }
        List<Entry> entries = new ArrayList<>();
        read.forEach((stored, state) -> {
            CompletableFuture<Optional<JobSnapshot>> lastJob = lastJobs.get(stored);
            boolean isRunning = lastJob != null
                    && stop.await(lastJob, "for the last job of schedule " + stored.name())
                            .filter(job -> !job.state().isFinal())
                            .isPresent();
            int most = Math.max(1, Math.min(MOST_JOBS, MOST_BYTES / Math.max(1, stored.content().length)));
            try {
                Plan plan = Planner.plan(stored.name(), state, due.nowMillis(), isRunning, most);
                entries.add(new Entry(stored, state, plan));
            } catch (RuntimeException e) {
                Plan nothing = new Plan(List.of(), state, false);
                holdBack(queue, new Entry(stored, state, nothing), e, due.nowMillis());
            }
        });
        return entries;
    }

    /**
     * Another process may be able to do it. It is written as it is, so that it is free at once, and not taken again. If
     * there are too many of them to name in a request, it is free after the time for which it is held.
     */
    private void leaveAlone(String queue, StoredSchedule stored, String why, long now) {
        if (leftAlone.add(queue + " " + stored.name() + " " + stored.revision())) {
            log.warn("schedule \"{}\" of queue {} is left to other processes: {}", stored.name(), queue, why);
        }
        if (others.add(queue, stored.name(), now)) {
            StoredSchedule free = ScheduleAccess.withNewRevision(stored);
            stop.await(
                    broker.schedules().write(queue, Optional.of(stored.revision()), free),
                    "to leave schedule " + stored.name() + " to others");
        }
    }

    /** Only where the job that follows is written: what cannot follow must not end the one that is there. */
    private void cancelPrevious(String queue, List<Item> items) {
        List<CompletableFuture<?>> cancels = new ArrayList<>();
        for (Item item : items) {
            String lastJob = item.entry().state().lastJob();
            if (item.entry().plan().cancelsPrevious() && lastJob != null) {
                cancels.add(broker.cancellation().cancel(queue, lastJob));
            }
        }
        cancels.forEach(cancel -> stop.await(cancel, "to cancel the last jobs of schedules"));
    }

    private List<Item> items(String queue, List<Entry> entries, long now) {
        List<Item> items = new ArrayList<>();
        for (Entry entry : entries) {
            try {
                items.addAll(items(entry, now));
            } catch (MissingKeyException e) {
                leaveAlone(queue, entry.stored(), String.valueOf(e.getMessage()), now);
            } catch (RuntimeException e) {
                holdBack(queue, entry, e, now);
            }
        }
        return items;
    }

    private List<Item> items(Entry entry, long now) {
        List<Item> items = new ArrayList<>();
        String revision = entry.stored().revision();
        for (Plan.Firing firing : entry.plan().firings()) {
            StoredSchedule after = ScheduleAccess.stored(entry.name(), firing.after(), now);
            PreparedJob job = ScheduledJobs.of(
                    client, entry.state().definition(), firing.job(), firing.tick(), new ScheduleStep(revision, after));
            items.add(new Item(entry, firing.tick(), job));
            revision = after.revision();
        }
        return items;
    }

    private void send(String queue, List<Item> all, long now) {
        List<Item> items = all;
        while (!items.isEmpty()) {
            List<Item> sent = items;
            int[] done = new int[1];
            try {
                client.enqueueAll(sent.stream().map(Item::job), job -> report(queue, sent.get(done[0]++), job, now));
                return;
            } catch (BulkException e) {
                if (!(e.getCause() instanceof RuntimeException why) || !isAboutOne(e, why)) {
                    throw e;
                }
                Entry wrong = sent.get((int) e.index()).entry();
                holdBack(queue, wrong, why, now);
                items = e.remaining(sent).stream()
                        .filter(item -> !item.entry().equals(wrong))
                        .toList();
            }
        }
    }

    /** Whether one job was refused before any was sent; the broker itself may refuse a job, too. */
    private static boolean isAboutOne(BulkException e, RuntimeException why) {
        boolean isOutage = why instanceof BrokerException broker && broker.outcome() != BrokerException.Outcome.REFUSED;
        return e.queues().isEmpty() && !isOutage;
    }

    private void report(String queue, Item item, JobHandle<?> job, long now) {
        if (job.isNew()) {
            Timing timing = item.entry().state().definition().timing();
            Instant planned = timing.fireTime(item.entry().name(), item.tick().due());
            long late = Math.max(0, now - planned.toEpochMilli());
            listener.fired(queue, item.tick(), job, Duration.ofMillis(late));
        }
    }

    /** What it asks for is wrong, and will be in a moment: it is tried again later and later. */
    private void holdBack(String queue, Entry entry, RuntimeException failure, long now) {
        Trouble before = entry.state().trouble();
        int tries = before == null ? 1 : before.tries() + 1;
        String whole =
                String.valueOf(failure.getMessage()).replaceAll("\\s+", " ").trim();
        // It is stored with the schedule.
        String why = whole.substring(0, Math.min(whole.length(), LONGEST_REASON));
        if (tries == 1) {
            log.warn(
                    "schedule \"{}\" of queue {} cannot fire and is tried again later: {}",
                    entry.name(),
                    queue,
                    why,
                    failure);
        }
        long wait = Math.min(Trouble.LONGEST_MILLIS, FIRST_HOLD_MILLIS << Math.min(tries - 1, 20));
        ScheduleState held = entry.state().withTrouble(new Trouble(why.isEmpty() ? "unknown" : why, tries, now + wait));
        stop.await(write(queue, entry, held, now), "to hold back schedule " + entry.name());
    }

    /** Whoever was first has done it, or has changed the schedule. */
    private CompletableFuture<Boolean> write(String queue, Entry entry, ScheduleState after, long now) {
        return broker.schedules()
                .write(queue, Optional.of(entry.stored().revision()), ScheduleAccess.stored(entry.name(), after, now));
    }
}
