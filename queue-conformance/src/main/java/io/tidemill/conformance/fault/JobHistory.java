package io.tidemill.conformance.fault;

import static io.tidemill.conformance.fault.HistoryChecker.isBefore;

import io.tidemill.conformance.fault.HistoryEvent.End;
import io.tidemill.conformance.fault.HistoryEvent.Kind;
import io.tidemill.conformance.fault.Verdict.Finding;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The history of one job, and the rules that it has to obey. Each rule is a method, named after what it looks for.
 * Long, because all rules look at the same lists.
 *
 * <p>Called on one thread.
 */
final class JobHistory {

    private static final String DEAD = "DEAD";
    /** Ends after which nothing is left of a job. */
    private static final Set<End> LEAVING = EnumSet.of(End.SUCCEEDED, End.CANCELLED);

    private static final Set<End> FINAL = EnumSet.of(End.SUCCEEDED, End.CANCELLED, End.DEAD);

    /** Somebody got the job: between the asking and the answer a lease on it began. */
    private record Hold(
            String process, String token, long asked, long answered, int attempt, int failures, int releases) {

        boolean isSurelyBefore(Hold other) {
            return answered < other.asked;
        }
    }

    /** The outcome of a run, as it was sent to the broker. */
    private static final class Telling {

        private final HistoryEvent question;
        private final End end;
        private Kind outcome = Kind.END_UNKNOWN;
        private long answered = Long.MAX_VALUE;

        Telling(HistoryEvent question) {
            this.question = question;
            end = End.valueOf(question.note());
        }

        boolean isRecorded() {
            return outcome == Kind.END_RECORDED || outcome == Kind.END_CANCELLED;
        }

        boolean mayBeRecorded() {
            return isRecorded() || outcome == Kind.END_UNKNOWN;
        }

        /** How the job ended if this was recorded. */
        End end() {
            return outcome == Kind.END_CANCELLED ? End.CANCELLED : end;
        }

        boolean isUnder(Hold hold) {
            return question.token().equals(hold.token());
        }
    }

    private final String job;
    private final List<HistoryEvent> events;
    private final Map<String, Long> standing;
    private final Tally tally;

    private final List<HistoryEvent> asked = new ArrayList<>();
    private final List<HistoryEvent> stored = new ArrayList<>();
    private final List<Hold> holds = new ArrayList<>();
    private final List<Telling> tellings = new ArrayList<>();
    private final List<HistoryEvent> starts = new ArrayList<>();
    private final List<HistoryEvent> stepsDone = new ArrayList<>();
    private final List<HistoryEvent> stepsRecorded = new ArrayList<>();
    private boolean isAcknowledged;
    private boolean mayBeStored;
    private @Nullable String remains;

    /**
     * One job's.
     *
     * @param standing until when each lease surely stood unless it was given up, µs since 1970
     */
    JobHistory(String job, List<HistoryEvent> events, Map<String, Long> standing, Tally tally) {
        this.job = job;
        this.events = events;
        this.standing = standing;
        this.tally = tally;
        events.forEach(this::read);
        mayBeStored |= asked.size() > answersToEnqueue();
    }

    private long answersToEnqueue() {
        return events.stream()
                .filter(event -> switch (event.kind()) {
                    case ENQUEUED, DUPLICATE, ENQUEUE_REFUSED, ENQUEUE_UNKNOWN -> true;
                    default -> false;
                })
                .count();
    }

    private void read(HistoryEvent event) {
        switch (event.kind()) {
            case ENQUEUE_ASKED -> asked.add(event);
            case ENQUEUED -> {
                stored.add(event);
                isAcknowledged = true;
            }
            case DUPLICATE -> isAcknowledged = true;
            case ENQUEUE_UNKNOWN -> mayBeStored = true;
            case CLAIMED -> hold(event);
            case STARTED -> starts.add(event);
            case END_ASKED -> tellings.add(new Telling(event));
            case END_RECORDED, END_CANCELLED, END_STALE, END_REFUSED, END_UNKNOWN -> answer(event);
            case REMAINS -> remains = event.note();
            case STEP_DONE -> stepsDone.add(event);
            case STEP_RECORDED -> stepsRecorded.add(event);
            case ENQUEUE_REFUSED, FINISHED, EXTENDED, LEASE_ENDED, RECOVERED, BURIED, DISTURBED -> {
                // Context for whoever reads the history.
            }
        }
    }

    private void hold(HistoryEvent event) {
        boolean isKnown = holds.stream().anyMatch(hold -> hold.token().equals(event.token()));
        if (!isKnown) {
            String[] counts = event.note().split(",", 2);
            holds.add(new Hold(
                    event.process(),
                    event.token(),
                    event.asked(),
                    event.at(),
                    event.attempt(),
                    Integer.parseInt(counts[0]),
                    Integer.parseInt(counts[1])));
        }
    }

    private void answer(HistoryEvent event) {
        for (Telling telling : tellings) {
            if (telling.answered == Long.MAX_VALUE
                    && telling.question.at() == event.asked()
                    && telling.question.token().equals(event.token())) {
                telling.outcome = event.kind();
                telling.answered = event.at();
                return;
            }
        }
    }

    private void found(Anomaly anomaly, String why) {
        tally.found(new Finding(anomaly, job, why, events));
    }

    void judge() {
        count();
        lookForTheLost();
        lookForTheUnexpected();
        lookForDoubleEnqueues();
        lookForGhosts();
        lookForDoubleEnds();
        lookForStaleEnds();
        lookForTwoLeases();
        lookForRunsWithoutCause();
        lookAtCounts();
        lookForTheEarly();
        lookForRepeatedSteps();
    }

    private void count() {
        tally.acknowledged += isAcknowledged ? 1 : 0;
        tally.unknown += !isAcknowledged && mayBeStored ? 1 : 0;
        tally.recovered += !isAcknowledged && mayBeStored && !starts.isEmpty() ? 1 : 0;
        boolean hasSucceeded = tellings.stream().anyMatch(one -> one.isRecorded() && one.end() == End.SUCCEEDED);
        boolean mayHave = tellings.stream().anyMatch(one -> one.mayBeRecorded() && one.end() == End.SUCCEEDED);
        tally.succeeded += hasSucceeded ? 1 : 0;
        tally.maybeSucceeded += !hasSucceeded && mayHave && remains == null ? 1 : 0;
        tally.dead += DEAD.equals(remains) ? 1 : 0;
        tally.runs += starts.size();
        tally.steps += stepsDone.size();
        tally.stale +=
                tellings.stream().filter(one -> one.outcome == Kind.END_STALE).count();
        tally.endsUnknown +=
                tellings.stream().filter(one -> one.outcome == Kind.END_UNKNOWN).count();
    }

    private void lookForTheLost() {
        boolean mayHaveLeft = tellings.stream().anyMatch(one -> one.mayBeRecorded() && LEAVING.contains(one.end()));
        if (isAcknowledged && remains == null && !mayHaveLeft) {
            found(Anomaly.LOST, "it was acknowledged, never ended, and is nowhere");
        } else if (remains != null && !DEAD.equals(remains)) {
            found(Anomaly.UNFINISHED, "it is still " + remains);
        }
    }

    private void lookForTheUnexpected() {
        if (!isAcknowledged && !mayBeStored && (!holds.isEmpty() || !starts.isEmpty() || remains != null)) {
            found(Anomaly.UNEXPECTED, asked.isEmpty() ? "nobody enqueued it" : "the broker had refused it");
        }
        for (HistoryEvent start : starts) {
            if (holdOf(start) == null) {
                found(
                        Anomaly.UNEXPECTED,
                        "run " + start.attempt() + " began at " + start.process() + " without a claim");
            }
        }
    }

    private void lookForDoubleEnqueues() {
        for (int i = 1; i < stored.size(); i++) {
            long again = stored.get(i).at();
            boolean isFirstThere = stored.get(i - 1).at() < stored.get(i).asked()
                    && tellings.stream()
                            .noneMatch(one ->
                                    one.mayBeRecorded() && FINAL.contains(one.end()) && one.question.at() < again);
            if (isFirstThere) {
                found(Anomaly.DOUBLE_ENQUEUE, "it was stored although it was there");
            }
        }
    }

    private void lookForGhosts() {
        for (Telling telling : tellings) {
            if (!telling.isRecorded() || !FINAL.contains(telling.end())) {
                continue;
            }
            if (holds.stream().anyMatch(hold -> hold.asked() > telling.answered)) {
                found(Anomaly.GHOST, "it was claimed after it had ended as " + telling.end());
                return;
            }
            if (remains != null && !(telling.end() == End.DEAD && remains.equals(DEAD))) {
                found(Anomaly.GHOST, "it had ended as " + telling.end() + " and is " + remains);
                return;
            }
        }
    }

    private void lookForDoubleEnds() {
        List<Telling> ends = tellings.stream()
                .filter(one -> one.isRecorded() && FINAL.contains(one.end()))
                .toList();
        if (ends.size() > 1) {
            found(Anomaly.DOUBLE_COMPLETE, "its end was acknowledged " + ends.size() + " times");
        }
    }

    /** An outcome that was recorded but not answered may be sent again; then it is rightly acknowledged. */
    private void lookForStaleEnds() {
        for (Telling telling : tellings) {
            boolean isRepeated = tellings.stream()
                    .anyMatch(one -> one.question.token().equals(telling.question.token())
                            && one.question.at() < telling.question.at()
                            && one.mayBeRecorded());
            for (Hold hold : holds) {
                if (telling.isRecorded() && !isRepeated && telling.isUnder(hold)) {
                    holds.stream()
                            .filter(later -> hold.isSurelyBefore(later) && later.answered() < telling.question.at())
                            .findFirst()
                            .ifPresent(later -> found(
                                    Anomaly.STALE_ACCEPTED,
                                    "the outcome sent under " + hold.token() + " was accepted after " + later.token()
                                            + " had got the job"));
                }
            }
        }
    }

    /** The moment until which a hold surely stood: its lease was not over, and its holder had not sent an outcome. */
    private long surelyUntil(Hold hold) {
        long until = standing.getOrDefault(hold.token(), Long.MIN_VALUE);
        for (Telling telling : tellings) {
            if (telling.isUnder(hold) && telling.mayBeRecorded()) {
                until = Math.min(until, telling.question.at());
            }
        }
        return until;
    }

    /** Whether one hold may have followed another that was over by then. */
    private boolean mayFollow(Hold first, Hold second) {
        return first.asked() <= second.answered() && second.answered() >= surelyUntil(first);
    }

    private void lookForTwoLeases() {
        for (int i = 0; i < holds.size(); i++) {
            for (int j = i + 1; j < holds.size(); j++) {
                if (areAtOnce(holds.get(i), holds.get(j))) {
                    found(
                            Anomaly.DOUBLE_LEASE,
                            holds.get(i).token() + " and " + holds.get(j).token() + " held it at the same time");
                    return;
                }
            }
        }
    }

    private boolean areAtOnce(Hold one, Hold other) {
        return !mayFollow(one, other) && !mayFollow(other, one);
    }

    private @Nullable Hold holdOf(HistoryEvent start) {
        Hold found = null;
        for (Hold hold : holds) {
            if (hold.process().equals(start.process())
                    && hold.attempt() == start.attempt()
                    && hold.answered() <= start.at()) {
                found = hold;
            }
        }
        return found;
    }

    private void lookForRunsWithoutCause() {
        for (int i = 1; i < starts.size(); i++) {
            Hold now = holdOf(starts.get(i));
            Hold before = holdOf(starts.get(i - 1));
            if (now == null || before == null) {
                continue;
            }
            if (now.equals(before) || areAtOnce(before, now)) {
                found(
                        Anomaly.DUP_UNEXPLAINED,
                        "run " + starts.get(i).attempt() + " at " + now.process()
                                + " began although nothing had ended the" + " claim of run "
                                + starts.get(i - 1).attempt() + " at " + before.process());
            } else if (hasTold(before, End.RETRY)) {
                tally.runsAfterFailure++;
            } else if (hasTold(before, End.RELEASED)) {
                tally.runsAfterRelease++;
            } else {
                tally.runsAfterLease++;
            }
        }
    }

    private boolean hasTold(Hold hold, End end) {
        return tellings.stream().anyMatch(one -> one.isUnder(hold) && one.end() == end && one.mayBeRecorded());
    }

    private void lookAtCounts() {
        for (Hold hold : holds) {
            if (holds.stream().anyMatch(one -> one.isSurelyBefore(hold) && one.attempt() >= hold.attempt())) {
                found(Anomaly.ATTEMPT_REPEATED, "attempt " + hold.attempt() + " was not the first of that number");
                return;
            }
            if (!isCount(hold, hold.failures(), End.RETRY) || !isCount(hold, hold.releases(), End.RELEASED)) {
                found(
                        Anomaly.MISCOUNTED,
                        "the claim of " + hold.token() + " reports " + hold.failures() + " failures and "
                                + hold.releases() + " releases");
                return;
            }
        }
    }

    private boolean isCount(Hold hold, int told, End end) {
        long least = tellings.stream()
                .filter(one -> one.end() == end && one.isRecorded() && one.answered < hold.asked())
                .count();
        long most = tellings.stream()
                .filter(one -> one.end() == end && one.mayBeRecorded() && one.question.at() <= hold.answered())
                .count();
        return least <= told && told <= most;
    }

    private void lookForTheEarly() {
        if (asked.isEmpty()) {
            return;
        }
        HistoryEvent first = asked.get(0);
        for (Hold hold : holds) {
            boolean isEarly = isBefore(hold.answered(), first.at(), first.millis())
                    || tellings.stream()
                            .anyMatch(one -> one.isRecorded()
                                    && !FINAL.contains(one.end())
                                    && one.answered < hold.asked()
                                    && isBefore(hold.answered(), one.question.at(), one.question.millis()));
            if (isEarly) {
                found(Anomaly.EARLY, "the claim of " + hold.token() + " came before it was due");
                return;
            }
        }
    }

    /** A run that had the job before may do it again: nobody can stop a process that was frozen within the step. */
    private void lookForRepeatedSteps() {
        for (HistoryEvent done : stepsDone) {
            Hold hold = holdOf(done);
            boolean isRepeated = hold != null
                    && stepsRecorded.stream()
                            .anyMatch(known -> known.note().equals(done.note()) && known.at() < hold.asked());
            if (isRepeated) {
                found(Anomaly.STEP_REPEATED, "run " + done.attempt() + " did " + done.note() + " again");
                return;
            }
        }
    }
}
