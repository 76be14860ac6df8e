package io.tidemill.redis.model;

import static io.tidemill.redis.model.Operation.ALL;

import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.JobConstraints;
import io.tidemill.redis.model.Operation.Advance;
import io.tidemill.redis.model.Operation.Claim;
import io.tidemill.redis.model.Operation.Complete;
import io.tidemill.redis.model.Operation.Enqueue;
import io.tidemill.redis.model.Operation.Follow;
import io.tidemill.redis.model.Operation.Inspect;
import io.tidemill.redis.model.Operation.Job;
import io.tidemill.redis.model.Operation.Purge;
import io.tidemill.redis.model.Operation.Step;
import io.tidemill.redis.model.Operation.Store;
import io.tidemill.redis.model.Operation.Twice;
import io.tidemill.task.JobState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Runs one sequence on both sides and compares each reply, and after each operation the whole state.
 *
 * <p>What the real side is free to do otherwise, and all of that, has to do with jobs that ended while they were ready:
 * they stand in their lines until a claim comes by, because taking them out of the middle would cost a walk. Their ids
 * stay taken; a claim that brought some may say that there is more where only such jobs are, and any claim that more is
 * due where only a late one is; they may count among those ahead of another; and a purge may take them for some of
 * those that it was asked for. A group in whose line only such jobs stand keeps its turn, or goes on waiting for room,
 * and so may come before or after others that it would have come behind: a sequence ends where that is seen.
 */
final class Comparison {

    private static final int FULL_EVERY = 10;
    private static final long PATIENCE_SECONDS = 60;

    private final Real real;
    private final Model model = new Model();
    private final Set<String> ids;
    private final Set<String> grouped;
    /** Whether a job of a group has ever been among {@link #standing}. */
    private boolean isOrderOfGroupsFree;
    /** Jobs that have ended and stand in a line of the real side. */
    private Set<String> standing = Set.of();

    private Comparison(Real real, List<Operation> operations) {
        this.real = real;
        ids = idsOf(operations, constraints -> true);
        grouped = idsOf(operations, constraints -> constraints.group() != null);
    }

    /** The first difference; empty if there is none. */
    static Optional<Difference> run(Real real, List<Operation> operations) {
        real.reset();
        Comparison comparison = new Comparison(real, operations);
        for (int i = 0; i < operations.size(); i++) {
            boolean isFull = i % FULL_EVERY == 0 || i == operations.size() - 1;
            Optional<Difference> difference = comparison.step(i, operations.get(i), isFull);
            if (difference.isPresent()) {
                return comparison.isAboutOrderOfGroups(difference.get()) ? Optional.empty() : difference;
            }
        }
        return Optional.empty();
    }

    private boolean isAboutOrderOfGroups(Difference difference) {
        return isOrderOfGroupsFree
                && difference.what().equals("READY")
                && sorted(difference.model()).equals(sorted(difference.real()));
    }

    private static List<String> sorted(String jobs) {
        return Stream.of(jobs.replaceAll("^\\[|]$", "").split(", (?=j\\d+ )", -1))
                .sorted()
                .toList();
    }

    private Optional<Difference> step(int index, Operation operation, boolean isFull) {
        Operation allowed = allowed(operation);
        Observation expected;
        Observation actual;
        if (allowed instanceof Advance advance) {
            model.advance(advance.millis());
            real.set(model.millis());
            expected = Observation.of("");
            actual = expected;
        } else {
            expected = modelled(allowed);
            actual = done(allowed);
        }
        if (!agree(allowed, expected, actual)) {
            return Optional.of(new Difference(index, allowed, "its reply", expected.toString(), actual.toString()));
        }
        return compareStates(index, allowed, isFull);
    }

    private Observation modelled(Operation operation) {
        return observe(operation instanceof Twice twice ? twice.twiceOn(model.broker()) : operation.on(model.broker()));
    }

    private Observation done(Operation operation) {
        if (!(operation instanceof Twice)) {
            return observe(operation.on(real.broker()));
        }
        real.loseReply();
        try {
            return observe(operation.on(real.broker()));
        } finally {
            real.loseNoReply();
        }
    }

    /** What an operation is made of without what the real side is free to refuse, and what no worker would say. */
    private Operation allowed(Operation operation) {
        if (operation instanceof Twice twice) {
            Operation once = allowed(twice.operation());
            return once instanceof Advance ? once : new Twice(once);
        }
        if (operation instanceof Complete complete) {
            return complete.knowing(model::hasConstraints);
        }
        if (operation instanceof Enqueue enqueue) {
            List<Job> jobs = enqueue.jobs().stream()
                    .filter(job -> !standing.contains(job.id()))
                    .toList();
            return jobs.isEmpty() ? new Advance(0) : new Enqueue(jobs);
        }
        if (stepsOf(operation).stream().anyMatch(step -> standing.contains(step.id()))) {
            return new Advance(0);
        }
        if (operation instanceof Purge purge && purge.state() == JobState.READY) {
            return new Purge(JobState.READY, ALL);
        }
        return operation;
    }

    private boolean agree(Operation operation, Observation expected, Observation actual) {
        // A request that is sent again does not name the expired jobs again; the states say that they are gone.
        boolean isTwice = operation instanceof Twice;
        return expected.text().equals(actual.text())
                && (isTwice || expected.expired().equals(actual.expired()))
                && (expected.loose() == actual.loose() || mayDiffer(operation, expected, actual));
    }

    private boolean mayDiffer(Operation operation, Observation expected, Observation actual) {
        int ended = standing.size() + actual.expired().size();
        if (operation instanceof Inspect) {
            return actual.loose() > expected.loose() && actual.loose() <= expected.loose() + ended;
        }
        boolean isClaim = operation instanceof Claim || operation instanceof Complete || operation instanceof Twice;
        boolean isSooner = expected.loose() == ClaimReply.NOTHING_MORE || actual.loose() < expected.loose();
        boolean isSensible =
                actual.loose() > 0 || (actual.loose() == 0 && actual.text().contains("/"));
        return isClaim && ended > 0 && isSooner && isSensible;
    }

    private Optional<Difference> compareStates(int index, Operation operation, boolean isFull) {
        List<String> ended = ids.stream()
                .filter(id -> get(model.broker().lookUp().find(Operation.QUEUE, id, false))
                        .map(job -> job.body() == null)
                        .orElse(true))
                .toList();
        RawState raw = real.look(ended);
        standing = raw.standing();
        isOrderOfGroupsFree |= standing.stream().anyMatch(grouped::contains);
        State expectedState = State.of(model.broker(), ended);
        Map<String, String> actual = raw.parts();
        if (isFull) {
            boolean isExact = standing.isEmpty();
            expectedState.andMore(model.broker(), ids, isExact);
            actual = get(State.of(real.broker(), ended)
                    .andMore(real.broker(), ids, isExact)
                    .read());
        }
        for (Map.Entry<String, String> part : get(expectedState.read()).entrySet()) {
            String other = actual.get(part.getKey());
            if (!part.getValue().equals(other)) {
                return Optional.of(new Difference(index, operation, part.getKey(), part.getValue(), other));
            }
        }
        return Optional.empty();
    }

    private static Observation observe(CompletableFuture<Observation> operation) {
        try {
            return get(operation);
        } catch (RuntimeException e) {
            return Observation.of("failed: " + e);
        }
    }

    private static <V> V get(CompletableFuture<V> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("no answer within " + PATIENCE_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static Set<String> idsOf(List<Operation> operations, Predicate<JobConstraints> which) {
        Set<String> ids = new TreeSet<>();
        operations.stream()
                .map(it -> it instanceof Twice twice ? twice.operation() : it)
                .forEach(operation -> {
                    if (operation instanceof Enqueue enqueue) {
                        enqueue.jobs().stream()
                                .filter(job -> which.test(job.constraints()))
                                .forEach(job -> ids.add(job.id()));
                    }
                    stepsOf(operation).stream()
                            .filter(step -> which.test(step.constraints()))
                            .forEach(step -> ids.add(step.id()));
                });
        return ids;
    }

    private static List<Step> stepsOf(Operation operation) {
        if (operation instanceof Store store) {
            return store.jobs();
        }
        return operation instanceof Follow follow
                ? follow.runs().stream().flatMap(run -> run.jobs().stream()).toList()
                : List.of();
    }
}
