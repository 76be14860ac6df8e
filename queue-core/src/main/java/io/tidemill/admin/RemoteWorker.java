package io.tidemill.admin;

import io.tidemill.async.Answers;
import io.tidemill.broker.Broker;
import io.tidemill.broker.CommandReply;
import io.tidemill.broker.CommandStore;
import io.tidemill.broker.WorkerCommand;
import io.tidemill.lifecycle.ThreadlessClock;
import io.tidemill.record.Answer;
import io.tidemill.record.Command;
import io.tidemill.task.WorkerOptions;
import io.tidemill.text.Durations;
import io.tidemill.text.JobIds;
import io.tidemill.text.Names;
import io.tidemill.text.PrintableText;
import io.tidemill.text.Texts;
import io.tidemill.time.Alarm;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One live worker, in whatever process it is, as an operator controls it. Each method leaves a command at the broker
 * and waits for the worker's answer: usually some milliseconds, and up to 10 s if a message of the broker was lost.
 * What was changed lasts until the worker stops; one that is started again has its options.
 *
 * <pre>{@code
 * for (WorkerInfo each : queue.admin().workers("mail")) {
 *     queue.admin().worker("mail", each.id()).quiet();
 * }
 * }</pre>
 *
 * <p>A command is obeyed at most once, and never after the time that it is waited for. Every method throws a
 * {@link CommandException} if the worker does not do it, which says why, and a {@link io.tidemill.task.BrokerException}
 * if the broker cannot be asked.
 *
 * <p>Immutable and thread-safe. Made by {@link QueueAdmin#worker}.
 */
public final class RemoteWorker {

    private static final Duration DEFAULT_WITHIN = Duration.ofSeconds(20);
    private static final Duration LONGEST_WITHIN = Duration.ofDays(1);
    private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(2).toNanos();
    private static final long LAST_PAUSE_NANOS = Duration.ofMillis(250).toNanos();

    private final Broker broker;
    private final Clock clock;
    private final String queue;
    private final String id;
    private final Duration within;

    private RemoteWorker(Broker broker, Clock clock, String queue, String id, Duration within) {
        this.broker = broker;
        this.clock = clock;
        this.queue = queue;
        this.id = id;
        this.within = within;
    }

    static RemoteWorker of(Broker broker, Clock clock, String queue, String id) {
        return new RemoteWorker(broker, clock, queue, Names.check("worker id", id), DEFAULT_WITHIN);
    }

    /** The worker's id. */
    public String id() {
        return id;
    }

    /**
     * The same, with another time for each command and its answer: 20 s by default.
     *
     * @param time 1 ms to a day
     */
    public RemoteWorker within(Duration time) {
        Durations.checkPositive("within", time);
        if (time.compareTo(LONGEST_WITHIN) > 0 || time.toMillis() < 1) {
            throw new IllegalArgumentException("within must be 1 ms to 1 day, got " + time);
        }
        return new RemoteWorker(broker, clock, queue, id, time);
    }

    /** Asks it to answer. Returns how long that took, a few milliseconds of waiting included. */
    public Duration ping() {
        long begun = clock.nanos();
        obey(new Command.Ping());
        return Duration.ofNanos(clock.nanos() - begun);
    }

    /**
     * It claims no more jobs, of any queue. What it holds runs to its end, and so does what a claim brings that is on
     * its way now. Fine if it is quiet already.
     */
    public void quiet() {
        obey(new Command.Quiet());
    }

    /** It claims jobs again. Fine if it does so already. */
    public void resume() {
        obey(new Command.Resume());
    }

    /**
     * It runs so many jobs at once, over all of its queues. Jobs that run go on: with fewer slots than these nothing is
     * claimed until enough have ended. Limits of single queues stay.
     *
     * @param concurrency 1 to 10,000
     */
    public void resize(int concurrency) {
        if (concurrency < 1 || concurrency > WorkerOptions.MAX_CONCURRENCY) {
            throw new IllegalArgumentException(
                    "concurrency must be 1 to " + WorkerOptions.MAX_CONCURRENCY + ", got " + concurrency);
        }
        obey(new Command.Resize(concurrency));
    }

    /**
     * It stops, as at the close of its {@code TaskQueue}: it claims no more, gives back what has not begun, and
     * interrupts what still runs after the grace time, which costs those jobs no attempt. Returns when it has begun to
     * stop. A second call interrupts at once. Its process goes on, and can still enqueue; a
     * {@link io.tidemill.event.WorkerEvent.Stopped} there says when it has stopped.
     *
     * @param grace 0 to 10 years
     */
    public void stop(Duration grace) {
        obey(new Command.Stop(Durations.check("grace", grace)));
    }

    /**
     * What the thread of a job is doing that this worker holds: task, attempt, and the frames of that thread, at most
     * 16,000 characters. It has names of classes and methods, and no values. A job without a thread, as an async one,
     * is described without frames.
     */
    public String stack(String jobId) {
        return obey(new Command.Stack(PrintableText.check("job id", jobId)));
    }

    /**
     * Runs of a task that begin from now on have another timeout, but for jobs that were enqueued with one of their
     * own.
     *
     * @param limit 1 ms to 10 years
     */
    public void timeout(String task, Duration limit) {
        if (Durations.checkPositive("timeout", limit).toMillis() < 1) {
            throw new IllegalArgumentException("timeout must be 1 ms to 10 years, got " + limit);
        }
        obey(new Command.Timeout(Names.check("task name", task), limit));
    }

    /** Runs of a task that begin from now on have the declared timeout again. */
    public void declaredTimeout(String task) {
        obey(new Command.Timeout(Names.check("task name", task), null));
    }

    @Override
    public String toString() {
        return "worker " + id + " of queue " + queue;
    }

    private String obey(Command command) {
        CommandStore commands = broker.commands();
        String commandId = new JobIds(clock::millis).next();
        WorkerCommand left = new WorkerCommand(commandId, id, within.toMillis(), command.encode());
        check(Answers.of(commands.command(queue, left), "to leave a command for " + this));
        // The broker counts the time from when it stored the command, which is no later than now.
        long begun = clock.nanos();
        long pause = FIRST_PAUSE_NANOS;
        for (long rest = within.toNanos(); rest > 0; rest = within.toNanos() - (clock.nanos() - begun)) {
            pause(Math.min(rest, pause), command);
            pause = Math.min(LAST_PAUSE_NANOS, 2 * pause);
            Optional<byte[]> answer = Answers.of(commands.answer(queue, commandId), "for the answer of " + this);
            if (answer.isPresent()) {
                return said(Answer.decode(answer.get()), command);
            }
        }
        throw noAnswer(command, "within " + Texts.duration(within), "if it has not begun with it by now it never does");
    }

    private void check(CommandReply reply) {
        switch (reply) {
            case LEFT -> {}
            case NO_WORKER ->
                throw new CommandException(
                        CommandException.Reason.UNKNOWN_WORKER,
                        "no worker " + id + " serves queue " + queue + " now: it has stopped or was killed;"
                                + " admin().workers(\"" + queue + "\") lists those that do");
            case TOO_MANY ->
                throw new CommandException(
                        CommandException.Reason.TOO_MANY,
                        CommandStore.MAX_WAITING + " commands wait for " + this + " already; it does not take them");
        }
    }

    private String said(Answer answer, Command command) {
        return switch (answer.outcome()) {
            case DONE -> answer.text();
            case REFUSED ->
                throw new CommandException(
                        CommandException.Reason.REFUSED, this + " did not obey " + command + ": " + answer.text());
            case NOT_UNDERSTOOD ->
                throw new CommandException(
                        CommandException.Reason.NOT_UNDERSTOOD,
                        this + " is of a version that does not know " + command + "; nothing was changed");
        };
    }

    private CommandException noAnswer(Command command, String when, String then) {
        return new CommandException(
                CommandException.Reason.NO_ANSWER,
                this + " has not answered " + command + " " + when
                        + ": it is suspended, cut off, was killed, or is of a version without commands; " + then);
    }

    private void pause(long nanos, Command command) {
        try {
            if (clock instanceof ThreadlessClock threadless) {
                threadless.await(new CompletableFuture<@Nullable Void>(), nanos);
            } else {
                Alarm alarm = clock.alarm();
                alarm.await(nanos);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw noAnswer(
                    command,
                    "when the thread that waited was interrupted",
                    "it may still obey it, up to " + Texts.duration(within) + " after it was sent");
        }
    }
}
