package io.tidemill.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidemill.Extension;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.broker.Ability;
import io.tidemill.event.Probe;
import io.tidemill.event.QueueEvent;
import io.tidemill.lint.CheckReturnValue;
import io.tidemill.text.Durations;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures a {@link io.tidemill.TaskQueue} with Micrometer: what happens to jobs, what waits in queues, slots, loops,
 * and requests to the broker. {@link QueueMeters} is the list of all meters.
 *
 * <pre>{@code
 * TaskQueue.builder().install(MicrometerMetrics.of(registry))
 * }</pre>
 *
 * <p>The values of tags are bounded. A queue or a task is named if it stands in the code of this process: its tasks,
 * the queues that it serves, the tasks that its calls refer to. At most 100 queues are named in this way. Others count
 * as {@code other}; {@link #withQueues} and {@link #withTasks} name more.
 *
 * <p>Jobs in queues are counted over all processes, by one thread, every 15 s: five small requests for each queue that
 * this process serves, however often the meters are read. See {@link #withDepths}.
 *
 * <p>When the queue closes its gauges vanish; what was counted stays. One object belongs to one queue. Each method
 * {@code with...} gives another object.
 *
 * <p>Thread-safe.
 */
@CheckReturnValue
public final class MicrometerMetrics implements Extension {

    private static final Logger log = LoggerFactory.getLogger("io.tidemill.metrics");

    /** Queues that are counted unless they are named. */
    private static final int MAX_COUNTED = 100;

    private final MeterRegistry registry;
    private final String name;
    private final Set<String> queues;
    private final Set<String> tasks;
    private final @Nullable Set<String> counted;
    private final Duration interval;

    private final KnownNames names = new KnownNames();
    /** Gauges are shown from before the start on. */
    private final List<Probe.Gauge> shown = new CopyOnWriteArrayList<>();

    private final AtomicBoolean configured = new AtomicBoolean();
    private volatile @Nullable Running running;

    private MicrometerMetrics(
            MeterRegistry registry,
            String name,
            Set<String> queues,
            Set<String> tasks,
            @Nullable Set<String> counted,
            Duration interval) {
        this.registry = registry;
        this.name = name;
        this.queues = queues;
        this.tasks = tasks;
        this.counted = counted;
        this.interval = interval;
    }

    /** Measures into this registry. */
    public static MicrometerMetrics of(MeterRegistry registry) {
        return new MicrometerMetrics(
                Objects.requireNonNull(registry, "registry"),
                "default",
                Set.of(),
                Set.of(),
                null,
                Duration.ofSeconds(15));
    }

    /**
     * The same with a name, which all meters carry as the tag {@code name}: for a process with more than one queue on
     * the same registry. A second queue of the same name gets a number at its end. Default {@code default}.
     */
    public MicrometerMetrics named(String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("the name of a queue's meters must not be blank");
        }
        return new MicrometerMetrics(registry, value, queues, tasks, counted, interval);
    }

    /** The same with these queues as values of the tag {@code queue}, beside those that are known. */
    public MicrometerMetrics withQueues(String... values) {
        return new MicrometerMetrics(registry, name, Set.of(values), tasks, counted, interval);
    }

    /** The same with these tasks as values of the tag {@code task}, beside those that are known. */
    public MicrometerMetrics withTasks(String... values) {
        return new MicrometerMetrics(registry, name, queues, Set.of(values), counted, interval);
    }

    /**
     * The same, counting the jobs of these queues. None: it counts in no queue, as where another process does. Default:
     * the queues that this process serves, the first 100 by name; none if the broker cannot count.
     */
    public MicrometerMetrics withDepths(String... values) {
        return new MicrometerMetrics(registry, name, queues, tasks, Set.of(values), interval);
    }

    /** The same, counting jobs this often. 1 s to 10 years, default 15 s. */
    public MicrometerMetrics withInterval(Duration value) {
        if (value.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("interval must be at least 1 s, got " + value);
        }
        return new MicrometerMetrics(registry, name, queues, tasks, counted, Durations.check("interval", value));
    }

    @Override
    public void configure(TaskQueueBuilder builder) {
        if (!configured.compareAndSet(false, true)) {
            throw new IllegalStateException("these metrics belong to a queue already; make others for this one");
        }
        builder.interceptSends(names).probe(new Forwarding());
    }

    @Override
    public void start(Parts parts) {
        names.addNamed(queues);
        names.addTasks(tasks);
        parts.definitions().values().forEach(names::add);
        names.addQueues(parts.queues());
        Running started = new Running(registry, NamesInUse.take(registry, name));
        try {
            start(started, parts);
        } catch (RuntimeException | Error e) {
            // Nobody stops what did not start: its name and its gauges must not stay.
            running = null;
            started.stop();
            throw e;
        }
    }

    private void start(Running started, Parts parts) {
        shown.forEach(started.broker::gauge);
        running = started;
        JobMeters jobs = new JobMeters(started.registrar, names);
        parts.definitions().values().forEach(task -> jobs.of(task.queue(), task.name()));
        parts.listen(jobs);
        ScheduleMeters schedules = new ScheduleMeters(started.registrar, names);
        parts.queues().stream().limit(MAX_COUNTED).forEach(schedules::of);
        parts.listen(schedules);
        Counter outages = started.registrar.counter(QueueMeters.BROKER_OUTAGES);
        parts.listen(event -> {
            if (event instanceof QueueEvent.ConnectionLost) {
                outages.increment();
            }
        });
        started.registrar.gauge(QueueMeters.HEALTH, () -> parts.health().ready() ? 1 : 0, "ready");
        started.registrar.gauge(QueueMeters.HEALTH, () -> parts.health().live() ? 1 : 0, "live");
        QueueDepths depths = new QueueDepths(counted(parts), parts, started.registrar, interval);
        started.depths = depths;
        depths.start();
    }

    @Override
    public void stop() {
        Running started = running;
        if (started != null) {
            started.stop();
        }
    }

    private Collection<String> counted(Parts parts) {
        if (!parts.broker().abilities().contains(Ability.LISTS)) {
            return List.of();
        }
        if (counted != null) {
            return counted;
        }
        if (parts.queues().size() > MAX_COUNTED) {
            log.warn(
                    "jobs are counted in the first {} of the {} queues that are served here; say in which with"
                            + " withDepths(...)",
                    MAX_COUNTED,
                    parts.queues().size());
        }
        return new TreeSet<>(parts.queues()).stream().limit(MAX_COUNTED).toList();
    }

    /** What there is between the start and the stop. */
    private static final class Running {

        private final MeterRegistry registry;
        private final String takenName;
        private final Registrar registrar;
        private final BrokerMeters broker;
        private volatile @Nullable QueueDepths depths;

        Running(MeterRegistry registry, String takenName) {
            this.registry = registry;
            this.takenName = takenName;
            this.registrar = new Registrar(registry, takenName);
            this.broker = new BrokerMeters(registrar);
        }

        void stop() {
            QueueDepths counting = depths;
            if (counting != null) {
                counting.stop();
            }
            registrar.removeGauges();
            NamesInUse.leave(registry, takenName);
        }
    }

    /** The probe. Requests that are answered before the start are not measured. */
    private final class Forwarding implements Probe {

        @Override
        public void answered(Hop hop) {
            Running started = running;
            if (started != null) {
                started.broker.answered(hop);
            }
        }

        @Override
        public void executed(Script script) {
            Running started = running;
            if (started != null) {
                started.broker.executed(script);
            }
        }

        @Override
        public void gauge(Gauge gauge) {
            Running started = running;
            if (started != null) {
                started.broker.gauge(gauge);
            } else {
                shown.add(gauge);
            }
        }
    }
}
