package io.tidemill.schedule;

import io.tidemill.broker.ScheduleStep;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.client.BulkCounts;
import io.tidemill.client.JobHandle;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.TaskClient;
import io.tidemill.queue.Enqueued;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** What people do with the schedules of a broker. Thread-safe. */
final class StoredSchedules implements Schedules {

    private static final int MOST_TRIES = 100;

    private final ScheduleAccess access;
    private final SchedulePutter putter;
    private final TaskClient client;
    private final Runnable changed;

    /**
     * Those of a broker.
     *
     * @param changed called after each change, so that the loop of this process looks at once
     */
    StoredSchedules(ScheduleAccess access, SchedulePutter putter, TaskClient client, Runnable changed) {
        this.access = access;
        this.putter = putter;
        this.client = client;
        this.changed = changed;
    }

    @Override
    public boolean put(Schedule schedule) {
        List<PutResult> results = putter.putAll(List.of(putter.prepare(schedule)), null);
        changed.run();
        return results.get(0).orThrow();
    }

    @Override
    public List<PutResult> putAll(Collection<Schedule> schedules) {
        Map<String, PutResult> results = new HashMap<>();
        Map<String, PreparedSchedule> piece = new LinkedHashMap<>();
        List<Schedule> all = List.copyOf(schedules);
        Set<String> names = new HashSet<>();
        for (Schedule schedule : all) {
            if (!names.add(schedule.name())) {
                throw new IllegalArgumentException(
                        "schedule \"" + schedule.name() + "\" is in this call twice; give each schedule its own name");
            }
        }
        for (Schedule schedule : all) {
            try {
                piece.put(schedule.name(), putter.prepare(schedule));
            } catch (RuntimeException e) {
                results.put(schedule.name(), PutResult.failed(schedule.name(), e));
            }
            if (piece.size() == SchedulePutter.MOST) {
                put(piece, results);
            }
        }
        put(piece, results);
        changed.run();
        return all.stream()
                .map(schedule -> Objects.requireNonNull(results.get(schedule.name())))
                .toList();
    }

    private void put(Map<String, PreparedSchedule> piece, Map<String, PutResult> results) {
        putter.putAll(List.copyOf(piece.values()), null).forEach(result -> results.put(result.name(), result));
        piece.clear();
    }

    @Override
    public Optional<ScheduleInfo> get(String name) {
        return access.find(Schedule.checkName(name));
    }

    @Override
    public Set<String> queues() {
        return access.queues();
    }

    @Override
    public long count(String queue) {
        return access.count(queue);
    }

    @Override
    public List<ScheduleInfo> list(String queue, int offset, int limit) {
        return access.list(queue, offset, limit);
    }

    @Override
    public boolean pause(String name) {
        return change(name, ScheduleState::pause);
    }

    @Override
    public boolean resume(String name) {
        return change(name, (state, now) -> state.paused() ? state.resume(now) : state);
    }

    private boolean change(String name, ScheduleAccess.Change change) {
        boolean isThere = access.change(Schedule.checkName(name), change).isPresent();
        changed.run();
        return isThere;
    }

    @Override
    public Optional<JobHandle<Object>> triggerNow(String name) {
        for (int i = 0; i < MOST_TRIES; i++) {
            Optional<ScheduleInfo> found = get(name);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            JobHandle<Object> job = trigger(found.get());
            if (job.enqueued() != Enqueued.SUPERSEDED) {
                return Optional.of(job);
            }
        }
        throw ScheduleAccess.tooMany(name);
    }

    private JobHandle<Object> trigger(ScheduleInfo found) {
        ScheduleState state = ScheduleAccess.readable(found);
        long now = access.nowMillis(found.queue());
        // Two people may ask in the same millisecond.
        String job = Planner.jobId(found.name(), Instant.ofEpochMilli(now)) + "/"
                + ThreadLocalRandom.current().nextInt(1_000_000);
        Tick tick = new Tick(
                found.name(), Instant.ofEpochMilli(now), found.lastDue().orElse(null));
        boolean isRunning = access.isLastJobRunning(found.queue(), state);
        StoredSchedule after = ScheduleAccess.stored(found.name(), state.triggered(job, isRunning, now), now);
        return client.enqueue(ScheduledJobs.of(
                client,
                state.definition(),
                job,
                tick,
                new ScheduleStep(found.stored().revision(), after)));
    }

    @Override
    public BulkCounts backfill(String name, Instant from, Instant to) {
        ScheduleInfo found = get(name)
                .orElseThrow(() -> new IllegalArgumentException("there is no schedule \"" + name + "\" to backfill"));
        ScheduleState state = ScheduleAccess.readable(found);
        List<Instant> times = past(found, state, from, to);
        List<PreparedJob> jobs = new ArrayList<>();
        Instant previous = null;
        for (Instant due : times) {
            jobs.add(ScheduledJobs.of(
                    client, state.definition(), Planner.jobId(name, due), new Tick(name, due, previous), null));
            previous = due;
        }
        BulkCounts counts = client.enqueueAll(jobs.stream());
        if (counts.stored() > 0) {
            long last = times.get(times.size() - 1).toEpochMilli();
            access.change(name, (it, now) -> it.backfilled(counts.stored(), last, now));
        }
        return counts;
    }

    /** The due times of the period that the schedule has left behind. */
    private List<Instant> past(ScheduleInfo found, ScheduleState state, Instant from, Instant to) {
        Instant limit = Instant.ofEpochMilli(access.nowMillis(found.queue()));
        if (!state.paused() && state.due() != ScheduleState.NONE) {
            limit = earlier(limit, Instant.ofEpochMilli(state.due()));
        }
        Instant end = earlier(limit, Objects.requireNonNull(to, "to"));
        List<Instant> times = new ArrayList<>();
        Timing timing = state.definition().timing();
        Instant time = timing.next((from.isBefore(Instant.EPOCH) ? Instant.EPOCH : from).minusMillis(1))
                .orElse(null);
        while (time != null && time.isBefore(end)) {
            times.add(time);
            if (times.size() > MAX_BACKFILL) {
                throw new IllegalArgumentException("schedule \"" + found.name() + "\" has more than " + MAX_BACKFILL
                        + " due times from " + from + " to " + end + "; choose a shorter period");
            }
            time = timing.next(time).orElse(null);
        }
        return times;
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    @Override
    public boolean remove(String name) {
        boolean wasThere = access.removeAll(Schedule.checkName(name), info -> true);
        changed.run();
        return wasThere;
    }
}
