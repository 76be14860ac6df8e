package io.tidemill.redis.model;

import static io.tidemill.redis.model.Operation.ALL;
import static io.tidemill.redis.model.Operation.QUEUE;

import io.tidemill.broker.Completion;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.LeaseSnapshot;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.redis.model.Operation.Deliver;
import io.tidemill.redis.model.Operation.EndFlow;
import io.tidemill.redis.model.Operation.FillPlaces;
import io.tidemill.redis.model.Operation.Flow;
import io.tidemill.redis.model.Operation.Follow;
import io.tidemill.redis.model.Operation.Followed;
import io.tidemill.redis.model.Operation.Given;
import io.tidemill.redis.model.Operation.Pages;
import io.tidemill.redis.model.Operation.Purge;
import io.tidemill.redis.model.Operation.Run;
import io.tidemill.redis.model.Operation.Step;
import io.tidemill.redis.model.Operation.StopFlow;
import io.tidemill.redis.model.Operation.Store;
import io.tidemill.redis.model.Operation.Twice;
import io.tidemill.task.JobState;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes operations on workflows, between those that {@link Generator} makes. */
final class WorkflowGenerator {

    private static final String[] WORKFLOWS = {"f1", "f1", "f 2!"};
    private static final long[] TIMES = {50, 100, 1000, 60_000};
    private static final int[] PRIORITIES = {4, 4, 9, 0};

    private final SplittableRandom random;
    private final Model model;
    private final int ids;
    private int revisions;
    private int values;

    WorkflowGenerator(long seed, Model model, int ids) {
        random = new SplittableRandom(seed * 31 + 7);
        this.model = model;
        this.ids = ids;
    }

    /** Null if it is not its turn. */
    @Nullable
    Operation next() {
        return switch (random.nextInt(24)) {
            case 0, 1, 2 -> mayBeTwice(new Store(random.nextInt(3) == 0 ? flow() : null, some(3, this::step)));
            case 3, 4, 5 -> mayBeTwice(new FillPlaces(some(3, () -> given(QUEUE))));
            case 6, 7, 8 -> mayBeTwice(new Follow(some(2, this::followed)));
            case 9 -> new Deliver(1 + random.nextInt(4));
            case 10 ->
                random.nextInt(3) == 0
                        ? new StopFlow(workflow(), time())
                        : new EndFlow(workflow(), "end " + ++values, time());
            case 11 ->
                random.nextBoolean()
                        ? mayBeTwice(new Purge(JobState.WAITING, 1 + random.nextInt(3)))
                        : new Pages(JobState.WAITING, 2 + random.nextInt(3));
            default -> null;
        };
    }

    private Operation mayBeTwice(Operation operation) {
        return random.nextInt(8) == 0 ? new Twice(operation) : operation;
    }

    private Step step() {
        JobConstraints constraints = JobConstraints.NONE;
        if (random.nextInt(4) == 0) {
            constraints = constraints.withGroup("a");
        }
        if (random.nextInt(4) == 0) {
            constraints = constraints.withExpiresInMillis(time());
        }
        int places = random.nextInt(3) == 0 ? WorkflowJob.NONE : random.nextInt(4);
        return new Step(
                id(),
                PRIORITIES[random.nextInt(PRIORITIES.length)],
                random.nextInt(4) == 0 ? time() : 0,
                constraints,
                random.nextInt(6) == 0 ? WorkflowJob.UNKNOWN : places,
                workflow());
    }

    /** Mostly a place of a job that waits. */
    private Given given(String queue) {
        List<JobSnapshot> waiting = new ArrayList<>(
                model.broker().lists().list(QUEUE, JobState.WAITING, 0, ALL).join());
        waiting.addAll(
                model.broker().lists().list(QUEUE, JobState.SCHEDULED, 0, ALL).join());
        String job = waiting.isEmpty() || random.nextInt(8) == 0
                ? id()
                : waiting.get(random.nextInt(waiting.size())).id();
        int place = random.nextInt(10) == 0 ? -1 : random.nextInt(3);
        String value = place < 0 ? Integer.toString(random.nextInt(4)) : "v " + ++values;
        return new Given(queue, job, place, place >= 0 && random.nextInt(6) == 0 ? null : value);
    }

    private Followed followed() {
        Run run = run();
        List<Step> jobs = random.nextInt(3) == 0 ? List.of() : some(2, this::step);
        List<Given> fills =
                random.nextInt(3) == 0 ? List.of() : some(3, () -> given(random.nextInt(4) == 0 ? "elsewhere" : QUEUE));
        return new Followed(run, jobs, fills, random.nextInt(6) == 0 ? "end " + ++values : null, time());
    }

    /** Mostly one that is active; what it returned does not change when it is told again. */
    private Run run() {
        List<LeaseSnapshot> leases =
                model.broker().operations().leases(QUEUE, ALL).join();
        if (leases.isEmpty() || random.nextInt(10) == 0) {
            return new Run(id(), "w1:1", false, null, 0, null);
        }
        LeaseSnapshot lease = leases.get(random.nextInt(leases.size()));
        List<String> held = lease.jobs().stream().sorted().toList();
        String id = held.get(random.nextInt(held.size()));
        int number = Integer.parseInt(id.substring(1));
        boolean hasResult = number % 3 == 0;
        Completion.Keep keep = number % 4 == 1 ? new Completion.Keep(1000, 2, number) : null;
        return new Run(id, lease.token(), true, hasResult ? "result of " + id : null, hasResult ? 1000 : 0, keep);
    }

    /** Mostly one that expects what is there. */
    private Flow flow() {
        String there = model.broker()
                .workflows()
                .find(QUEUE, "f1", random.nextBoolean())
                .join()
                .map(StoredWorkflow::revision)
                .orElse(null);
        String expected = random.nextInt(6) == 0 ? (random.nextBoolean() ? "other" : null) : there;
        boolean hasEnded = random.nextBoolean();
        return new Flow(expected, "f1", "r" + ++revisions, hasEnded ? time() : 0, hasEnded && random.nextInt(3) == 0);
    }

    private String workflow() {
        return WORKFLOWS[random.nextInt(WORKFLOWS.length)];
    }

    private String id() {
        return "j" + (1 + random.nextInt(ids));
    }

    private long time() {
        return TIMES[random.nextInt(TIMES.length)];
    }

    private <T> List<T> some(int most, Supplier<T> each) {
        List<T> some = new ArrayList<>();
        for (int left = 1 + random.nextInt(most); left > 0; left--) {
            some.add(each.get());
        }
        return List.copyOf(some);
    }
}
