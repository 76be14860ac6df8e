package io.tidemill.schedule;

import io.tidemill.client.Call;
import io.tidemill.client.JobRequest;
import io.tidemill.client.PreparedJob;
import io.tidemill.lint.CheckReturnValue;
import io.tidemill.task.JobOptions;
import io.tidemill.text.Durations;
import io.tidemill.text.OptionValues;
import io.tidemill.text.PrintableText;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What is to be run, and when: a name, a {@link Timing}, a call, and what happens when it is late or when the last job
 * still runs.
 *
 * <pre>{@code
 * Schedule.of("nightly-report", Timing.cron("0 2 * * *", berlin), call(Reports::nightly, Tick.EACH))
 *         .withOverlap(Overlap.SKIP);
 * }</pre>
 *
 * <p>Each job has the id {@code name@due}, with the due time as ISO 8601 text in UTC.
 *
 * <p>Immutable and thread-safe.
 */
@CheckReturnValue
public final class Schedule {

    /** Longest name, in characters: with the due time it is the id of a job. */
    public static final int MAX_NAME_LENGTH = 200;

    private final String name;
    private final JobRequest<?> call;
    private final boolean takesTick;
    private final Values values;

    private Schedule(String name, JobRequest<?> call, boolean takesTick, Values values) {
        this.name = name;
        this.call = call;
        this.takesTick = takesTick;
        this.values = values;
    }

    /**
     * A schedule with the defaults: missed due times fire once, a minute late is not missed, and jobs may overlap.
     *
     * @param name printable text of 1 to {@value #MAX_NAME_LENGTH} characters, unique among all schedules of the broker
     * @param timing when it is due
     * @param call what to run: a {@link Call}, or a prepared one. If its only argument is {@link Tick#EACH}, each job
     *     is given its own tick. Its expiry counts from each firing; the id of a prepared one is not used
     * @throws IllegalArgumentException if the name is none, if the call asks for an id, a delay or a time, or if it has
     *     {@link Tick#EACH} beside other arguments
     */
    public static Schedule of(String name, Timing timing, JobRequest<?> call) {
        String checked = checkName(name);
        Values values = new Values(Objects.requireNonNull(timing, "timing"));
        return new Schedule(checked, checkCall(checked, call), takesTick(call), values);
    }

    /** One whose call was read back. */
    static Schedule stored(String name, Definition definition, JobRequest<?> call, boolean isPaused) {
        Values values = new Values(definition.timing());
        values.misfire = definition.misfire();
        values.grace = Duration.ofMillis(definition.graceMillis());
        values.overlap = definition.overlap();
        values.paused = isPaused;
        return new Schedule(name, call, definition.takesTick(), values);
    }

    /** Returns the name, checked. */
    static String checkName(String name) {
        PrintableText.check("schedule name", name);
        if (name.length() > MAX_NAME_LENGTH) {
            throw new IllegalArgumentException(
                    "schedule name must have 1 to " + MAX_NAME_LENGTH + " characters, got " + name.length());
        }
        return name;
    }

    private static boolean takesTick(JobRequest<?> call) {
        return call instanceof Call<?> it && it.arguments().equals(List.of(Tick.EACH));
    }

    private static JobRequest<?> checkCall(String name, JobRequest<?> call) {
        if (call instanceof Call<?> it) {
            if (it.arguments().size() > 1 && it.arguments().contains(Tick.EACH)) {
                throw new IllegalArgumentException(
                        "schedule \"" + name + "\": Tick.EACH must be the only argument of its call");
            }
            JobOptions asked = it.options();
            if (asked.id() != null
                    || asked.start().delay() != null
                    || asked.start().at() != null) {
                throw new IllegalArgumentException("schedule \"" + name
                        + "\" gives its jobs their ids and times; leave id, delay and at out of the call");
            }
        }
        if (call instanceof PreparedJob it
                && (it.job().delayMillis() != 0 || it.job().dueMillis() != 0)) {
            throw new IllegalArgumentException("schedule \"" + name
                    + "\" gives its jobs their times; leave delay and at out of the call that is prepared for it");
        }
        return Objects.requireNonNull(call, "call");
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** When it is due. */
    public Timing timing() {
        return values.timing;
    }

    /** What it runs. */
    public JobRequest<?> call() {
        return call;
    }

    /** The name of the task that it runs. */
    public String task() {
        return call.task();
    }

    /** Whether each job is given its {@link Tick}. */
    public boolean takesTick() {
        return takesTick;
    }

    /** What becomes of missed due times. Default {@link Misfire#ONCE}. */
    public Misfire misfire() {
        return values.misfire;
    }

    /** How late a due time may fire before it is missed. Default 1 min. */
    public Duration grace() {
        return values.grace;
    }

    /** What happens at a due time while the last job has not ended. Default {@link Overlap#ALLOW}. */
    public Overlap overlap() {
        return values.overlap;
    }

    /** Whether it begins paused. */
    public boolean isPaused() {
        return values.paused;
    }

    /** The same at other times. */
    public Schedule withTiming(Timing value) {
        Objects.requireNonNull(value, "timing");
        return new Schedule(name, call, takesTick, values.with(to -> to.timing = value));
    }

    /** The same with another call. */
    public Schedule withCall(JobRequest<?> value) {
        return new Schedule(name, checkCall(name, value), takesTick(value), values);
    }

    /** The same with another {@link #misfire}. */
    public Schedule withMisfire(Misfire value) {
        return new Schedule(name, call, takesTick, values.with(to -> to.misfire = value));
    }

    /** The same with another {@link #grace}: 0 to 10 years, in whole milliseconds. */
    public Schedule withGrace(Duration value) {
        return new Schedule(name, call, takesTick, values.with(to -> to.grace = value));
    }

    /** The same with another {@link #overlap}. */
    public Schedule withOverlap(Overlap value) {
        return new Schedule(name, call, takesTick, values.with(to -> to.overlap = value));
    }

    /**
     * The same, beginning paused or not. It counts when the schedule is stored for the first time; after that
     * {@link Schedules#pause} and {@link Schedules#resume} decide.
     */
    public Schedule withPaused(boolean value) {
        return new Schedule(name, call, takesTick, values.with(to -> to.paused = value));
    }

    @Override
    public String toString() {
        return "schedule " + name + " of task " + task() + ": " + timing();
    }

    /** What can be chosen, each with its default. */
    private static final class Values extends OptionValues<Values> {

        private Timing timing;
        private Misfire misfire = Misfire.ONCE;
        private Duration grace = Duration.ofMinutes(1);
        private Overlap overlap = Overlap.ALLOW;
        private boolean paused;

        Values(Timing timing) {
            this.timing = timing;
        }

        @Override
        protected void check() {
            Objects.requireNonNull(misfire, "misfire");
            Objects.requireNonNull(overlap, "overlap");
            Durations.check("grace", grace);
        }
    }
}
