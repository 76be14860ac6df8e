package io.tidemill.schedule;

import io.tidemill.Background;
import io.tidemill.Extension;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.broker.Ability;
import io.tidemill.client.JobHandle;
import io.tidemill.event.QueueEvent;
import io.tidemill.lint.CheckReturnValue;
import io.tidemill.task.BrokerException;
import io.tidemill.task.ConfigurationException;
import io.tidemill.task.TidemillException;
import io.tidemill.text.Durations;
import io.tidemill.text.Names;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks by the clock. Schedules are kept in the broker, beside the jobs that they store; every process that has a
 * scheduler fires them, and the broker lets each due time through once.
 *
 * <pre>{@code
 * Scheduler scheduler = Scheduler.create()
 *         .owner("shop")
 *         .schedule(Schedule.of("nightly-report", Timing.cron("0 2 * * *", berlin), call(Reports::nightly)));
 * TaskQueue queue = TaskQueue.builder().tasks(new Reports()).install(scheduler).start();
 * scheduler.schedules().pause("nightly-report");
 * }</pre>
 *
 * <p>What code defines, here or by {@link Cron} and {@link Every} on tasks that this process runs, is stored when the
 * process starts. What was changed at run time stays: whether a schedule is paused, its counts, its history.
 *
 * <p>Firings are {@link QueueEvent.Fired} events. {@code TaskQueue.health()} has the checks {@code scheduler} and
 * {@code overdue}. One object belongs to one queue. Each method that sets something gives another object.
 *
 * <p>Thread-safe.
 */
@CheckReturnValue
public final class Scheduler implements Extension {

    private static final Logger log = LoggerFactory.getLogger("io.tidemill.schedule");

    private static final Duration MAY_BE_SILENT = Duration.ofSeconds(15);
    private static final Duration MAY_BE_OVERDUE = Duration.ofMinutes(5);

    private final List<Schedule> defined;
    private final @Nullable String owner;
    private final long version;
    private final CodeSchedules.Keep keep;
    private final AtomicBoolean configured = new AtomicBoolean();
    private volatile @Nullable Running running;

    private Scheduler(List<Schedule> defined, @Nullable String owner, long version, CodeSchedules.Keep keep) {
        this.defined = defined;
        this.owner = owner;
        this.version = version;
        this.keep = keep;
    }

    /** One that defines nothing and fires what is stored. */
    public static Scheduler create() {
        return new Scheduler(List.of(), null, 0, new CodeSchedules.Keep(Duration.ofHours(1), Duration.ofDays(7)));
    }

    /** The same, defining this schedule as well. */
    public Scheduler schedule(Schedule value) {
        List<Schedule> all = new ArrayList<>(defined);
        all.add(value);
        return new Scheduler(List.copyOf(all), owner, version, keep);
    }

    /**
     * The same, with a name for the program whose code defines schedules here: all its processes say the same one, and
     * no other program does. What the code of an owner does not define any more is removed, an hour after the last
     * process that defined it was there. Default: none; then definitions that are taken out of the code stay.
     *
     * @throws IllegalArgumentException if it is not a name
     */
    public Scheduler owner(String name) {
        return new Scheduler(defined, Names.check("owner", name), version, keep);
    }

    /**
     * The same, with the version of the code, such as the number of a build. A process of a lower version changes
     * nothing that a higher one of the same owner has stored, as when it is restarted in the middle of a deployment.
     * Default 0. Of processes of one version, the one that starts last decides.
     *
     * @param value 0 or more
     * @throws IllegalArgumentException if it is negative
     */
    public Scheduler version(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("version must be 0 or more, got " + value);
        }
        return new Scheduler(defined, owner, value, keep);
    }

    /**
     * The same, keeping schedules of its owner so long that no process defines any more: longer than a deployment
     * takes, and than all processes of the owner may be stopped. 1 min to 10 years, default 1 h.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public Scheduler keepUndefined(Duration value) {
        if (value.compareTo(Duration.ofMinutes(1)) < 0) {
            throw new IllegalArgumentException("keepUndefined must be at least 1 min, got " + value);
        }
        Durations.check("keepUndefined", value);
        return new Scheduler(defined, owner, version, new CodeSchedules.Keep(value, keep.over()));
    }

    /**
     * The same, keeping schedules so long that have had their last due time: a {@link Timing#once single time} that has
     * come, or one whose end has passed. After that they are removed, within a quarter of an hour, unless the code of
     * this process defines them. The time counts from the last due time, or from when one was triggered or backfilled
     * after that. Any process removes them, so the shortest time of all processes holds. 1 min to 10 years, default 7
     * days.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public Scheduler keepOver(Duration value) {
        if (value.compareTo(Duration.ofMinutes(1)) < 0) {
            throw new IllegalArgumentException("keepOver must be at least 1 min, got " + value);
        }
        Durations.check("keepOver", value);
        return new Scheduler(defined, owner, version, new CodeSchedules.Keep(keep.undefined(), value));
    }

    /**
     * The schedules of the broker, to be looked at and changed.
     *
     * @throws IllegalStateException before the queue has started
     */
    public Schedules schedules() {
        return started().schedules;
    }

    /**
     * Schedules of all processes that were to fire more than a minute ago and have not, as of the last look, which is
     * about a minute ago: nobody can read them, their jobs are refused ({@link ScheduleInfo#problem} says why), or no
     * process is fast enough. Each was late at two looks, 10 s apart or more. Looked for among the first 1,000 of each
     * queue. While there are some, the check {@code overdue} of {@code TaskQueue.health()} fails after 5 min. The
     * broker is not asked.
     *
     * @throws IllegalStateException before the queue has started
     */
    public List<ScheduleInfo> overdue() {
        return started().watch.overdue();
    }

    private Running started() {
        Running started = running;
        if (started == null) {
            throw new IllegalStateException("this Scheduler has not started yet; install it, and start the TaskQueue");
        }
        return started;
    }

    @Override
    public void configure(TaskQueueBuilder builder) {
        if (!configured.compareAndSet(false, true)) {
            throw new IllegalStateException("this Scheduler belongs to a queue already; make another for this one");
        }
    }

    /**
     * Stores what is defined, and begins to fire.
     *
     * @throws ConfigurationException if anything is wrong with a definition or an annotation; names all of it
     */
    @Override
    public void start(Parts parts) {
        Running started = new Running(parts);
        started.storeDefinitions();
        running = started;
        started.background.start();
        started.watching.start();
    }

    @Override
    public void stop() {
        Running started = running;
        if (started != null) {
            started.ticker.stop();
            started.background.stop();
            started.watching.stop();
        }
    }

    /** What there is between the start and the stop. */
    private final class Running {

        private final Schedules schedules;
        private final CodeSchedules code;
        private final Ticker ticker;
        private final Background background;
        private final OverdueWatch watch;
        private final Background watching;

        Running(Parts parts) {
            if (!parts.broker().abilities().contains(Ability.SCHEDULES)) {
                throw new ConfigurationException(
                        "Scheduler", List.of(parts.broker().name() + " cannot keep schedules; use another broker"));
            }
            StopSignal stop = new StopSignal();
            ScheduleAccess access = new ScheduleAccess(parts.broker());
            ScheduleAccess untilStop = new ScheduleAccess(parts.broker(), stop::await);
            SchedulePutter upkeep = new SchedulePutter(untilStop, parts.client(), parts.broker());
            SchedulePutter putter = new SchedulePutter(access, parts.client(), parts.broker());
            this.code = new CodeSchedules(
                    untilStop, upkeep, parts.clock(), owner, version, keep, definitions(parts, putter));
            QueueTicker queueTicker = new QueueTicker(
                    parts.broker(),
                    parts.client(),
                    (queue, tick, job, late) -> publish(parts, queue, tick, job, late),
                    stop);
            this.ticker = new Ticker(
                    parts.broker().schedules(), parts::ask, parts.clock(), queueTicker, code, this::answered, stop);
            this.background = parts.background("scheduler", MAY_BE_SILENT, "no schedule was looked at", ticker::round);
            this.watch = new OverdueWatch(untilStop, this::noneOverdue);
            this.watching = parts.background(
                    "overdue",
                    MAY_BE_OVERDUE,
                    "schedules are overdue, or could not be looked at: see Scheduler.overdue()",
                    watch::round);
            this.schedules = new StoredSchedules(access, putter, parts.client(), this::wake);
        }

        private void answered() {
            background.done();
        }

        private void noneOverdue() {
            watching.done();
        }

        private void wake() {
            ticker.lookAtAll();
            background.wake();
        }

        void storeDefinitions() {
            try {
                code.putAll();
            } catch (BrokerException e) {
                log.warn(
                        "the broker does not take the schedules that are defined here; this goes on in the background",
                        e);
            }
        }
    }

    private List<PreparedSchedule> definitions(Parts parts, SchedulePutter putter) {
        List<String> problems = new ArrayList<>();
        List<Schedule> all = new ArrayList<>(defined);
        all.addAll(AnnotatedSchedules.of(parts.definitions().values(), problems));
        Map<String, PreparedSchedule> definitions = new LinkedHashMap<>();
        for (Schedule schedule : all) {
            try {
                if (definitions.put(schedule.name(), putter.prepare(schedule)) != null) {
                    problems.add(
                            "schedule \"" + schedule.name() + "\" is defined twice; give one of them another name");
                }
            } catch (IllegalArgumentException | TidemillException e) {
                problems.add("schedule \"" + schedule.name() + "\": " + e.getMessage());
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException("Scheduler", problems);
        }
        return List.copyOf(definitions.values());
    }

    private static void publish(Parts parts, String queue, Tick tick, JobHandle<?> job, Duration late) {
        parts.publish(new QueueEvent.Fired(queue, tick.schedule(), tick.due(), late, job.id()));
    }
}
