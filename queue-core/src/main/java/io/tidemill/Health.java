package io.tidemill;

import io.tidemill.lifecycle.Loop;
import io.tidemill.lifecycle.Outages;
import io.tidemill.observe.Duty;
import io.tidemill.observe.Observers;
import io.tidemill.text.Texts;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link TaskQueue} is doing, judged by what it last did and not by a ping: what each of its parts has to do
 * again and again may be only so long ago.
 *
 * <table>
 * <caption>The checks</caption>
 * <tr><th>name<th>what was done<th>allowed age<th>needed to be
 * <tr><td>{@code broker}<td>a request was answered; counts from the first request since then
 *     <td>5 s<td>ready
 * <tr><td>{@code claim}<td>a claim was answered for each queue, or no slot was free
 *     <td>2 &times; poll interval + 5 s<td>ready
 * <tr><td>{@code extend}<td>all leases were extended, or there was none<td>2 &times; lease / 3 + 5 s<td>ready
 * <tr><td>{@code sweep}<td>a sweep was answered<td>2 &times; period of sweeps + 5 s<td>
 * <tr><td>{@code listen}<td>what the broker announces was seen to arrive<td>15 s<td>
 * <tr><td>name of a {@link Background}<td>an extension did its work<td>as the extension says<td>
 * <tr><td>name of a loop<td>a round ended without an error; counts from when it should have begun<td>30 s<td>live
 * </table>
 *
 * <p>The poll interval is 1 s unless set, and 100 ms for each queue that is served if that is longer; sweeps come every
 * tenth of the lease time, between 100 ms and 3 s, or every 2 ms for each queue if that is longer. A queue without
 * tasks has the check {@code broker} and one loop.
 *
 * <p>Immutable.
 */
public final class Health {

    private static final String BROKER = "broker";
    /** Without a sweep or an announcement jobs come late; without one of these they do not come. */
    private static final Set<String> NEEDED = Set.of(BROKER, "claim", "extend");

    private static final Duration LATEST_LOOP = Duration.ofSeconds(30);

    private final List<Check> checks;
    private final boolean isReady;
    private final boolean isLive;

    /**
     * What is known now.
     *
     * @param isServing whether all parts of the queue have started, and it is not about to be closed
     * @param isStopping whether it is being closed, and its parts stop one after the other
     */
    Health(Observers observers, Clock clock, boolean isServing, boolean isStopping) {
        Instant now = Instant.ofEpochMilli(clock.millis());
        List<Check> parts = new ArrayList<>(List.of(broker(observers.outages(), now)));
        observers.duties().forEach(duty -> parts.add(of(duty, now)));
        List<Check> loops = observers.loops().stream()
                .filter(loop -> !isStopping || loop.isRunning())
                .map(loop -> of(loop, now))
                .toList();
        this.isReady = isServing && parts.stream().allMatch(check -> check.ok() || !NEEDED.contains(check.name()));
        this.isLive = loops.stream().allMatch(Check::ok);
        parts.addAll(loops);
        this.checks = List.copyOf(parts);
    }

    /**
     * Whether jobs can be sent, and run if the queue has tasks: the broker answered lately, all parts of the queue have
     * started, and it is not about to be closed. False soon after the broker is gone, and true again soon after it is
     * back.
     */
    public boolean ready() {
        return isReady;
    }

    /**
     * Whether all loops of this process go round. An outage of the broker does not stop them. If this is false, only a
     * new process helps; also false when the queue is closed, and not yet while it is being closed.
     */
    public boolean live() {
        return isLive;
    }

    /** Each thing that was looked at. */
    public List<Check> checks() {
        return checks;
    }

    /** What is wrong, a sentence each; empty if nothing is. */
    public List<String> problems() {
        return checks.stream().flatMap(check -> check.problem().stream()).toList();
    }

    @Override
    public String toString() {
        return (isReady ? "ready" : "not ready")
                + (isLive ? ", live" : ", not live")
                + (problems().isEmpty() ? "" : ": " + String.join("; ", problems()));
    }

    /** Who sends nothing is not late, so the age that counts is that of the first request since the last answer. */
    private static Check broker(Outages outages, Instant now) {
        Duration waiting = outages.unanswered();
        return new Check(
                BROKER,
                outages.hasAnswered() ? now.minus(outages.sinceAnswer()) : null,
                waiting,
                Duty.ANSWER,
                waiting.compareTo(Duty.ANSWER) <= 0
                        ? null
                        : "the broker has answered no request for " + Texts.duration(waiting));
    }

    private static Check of(Duty duty, Instant now) {
        Duration age = duty.age();
        return new Check(
                duty.name(),
                duty.wasDone() ? now.minus(age) : null,
                age,
                duty.allowed(),
                age.compareTo(duty.allowed()) <= 0
                        ? null
                        : duty.problem() + " for " + Texts.duration(age) + ", allowed are "
                                + Texts.duration(duty.allowed()));
    }

    private static Check of(Loop loop, Instant now) {
        Duration late = loop.late();
        String problem = loop.hasStopped()
                ? loop.name() + " has stopped"
                : late.compareTo(LATEST_LOOP) > 0
                        ? "a round of " + loop.name() + " is late by " + Texts.duration(late)
                        : null;
        return new Check(loop.name(), now.minus(late), late, LATEST_LOOP, problem);
    }

    /**
     * One thing that was looked at.
     *
     * <p>Immutable.
     */
    public static final class Check {

        private final String name;
        private final @Nullable Instant lastSuccess;
        private final Duration age;
        private final Duration allowedAge;
        private final @Nullable String problem;

        private Check(
                String name,
                @Nullable Instant lastSuccess,
                Duration age,
                Duration allowedAge,
                @Nullable String problem) {
            this.name = name;
            this.lastSuccess = lastSuccess;
            this.age = age;
            this.allowedAge = allowedAge;
            this.problem = problem;
        }

        /** What it is about, as in the table of {@link Health}. */
        public String name() {
            return name;
        }

        /** When it was last done, by the clock of this process; empty if not since the start. */
        public Optional<Instant> lastSuccess() {
            return Optional.ofNullable(lastSuccess);
        }

        /**
         * The age that is compared with {@link #allowedAge}: how long ago it was last done, or since the start if it
         * was never done. For {@code broker} it counts from the first request since the last answer, and is zero if
         * there is none; for a loop from when its round should have begun.
         */
        public Duration age() {
            return age;
        }

        /** How long ago it may be. */
        public Duration allowedAge() {
            return allowedAge;
        }

        /** Whether it is well. */
        public boolean ok() {
            return problem == null;
        }

        /** What is wrong, in a sentence; empty if it is well. */
        public Optional<String> problem() {
            return Optional.ofNullable(problem);
        }

        /** One line for logs. */
        @Override
        public String toString() {
            return name + (problem == null ? " ok" : ": " + problem);
        }
    }
}
