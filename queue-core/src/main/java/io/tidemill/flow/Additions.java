package io.tidemill.flow;

import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanCodec;
import io.tidemill.plan.Target;
import io.tidemill.plan.WorkflowRef;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;

/**
 * What one run of a step adds to its workflow. The completion of the run stores it, so a run that fails, or whose lease
 * has ended, adds nothing.
 *
 * <p>Thread-safe.
 */
public final class Additions {

    /** Most calls of {@link #add} in one run: the plans are stored in one record. */
    private static final int MOST_PLANS = 200;

    /** Most steps that wait for nothing: one completion lets all of them begin. */
    private static final int MOST_FIRST = 1_000;

    /** What ids of added jobs have behind that of their plan: the number of a step and of an element. */
    private static final int LONGEST_END = ":10000.100000".length();

    private static final int MOST_OF_ID = 256;

    private final WorkflowRef workflow;
    private final int step;
    private final String queue;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Plan> plans = new ArrayList<>();
    private int bytes;
    private int first;
    private boolean isClosed;

    /** Nothing yet, of a run of this step. */
    public Additions(StepRun run) {
        this.workflow = run.workflow();
        this.step = run.step().number();
        this.queue = run.queue();
    }

    /**
     * Adds the steps of a plan.
     *
     * @param write makes it, for the workflow that it belongs to; its last step has to fill that place
     * @throws IllegalArgumentException if it is too much
     * @throws IllegalStateException if the run has ended
     */
    public void add(BiFunction<WorkflowRef, Target, Plan> write) {
        lock.lock();
        try {
            if (isClosed) {
                throw new IllegalStateException("the run has ended, and adds no step any more");
            }
            check("times", plans.size() + 1, MOST_PLANS);
            WorkflowRef added = workflow.added(step, plans.size());
            if (added.jobs().length() + LONGEST_END > MOST_OF_ID) {
                throw new IllegalArgumentException("the ids of the jobs of added steps would have more than "
                        + MOST_OF_ID + " characters; give the workflow a shorter id, or add fewer steps by steps that"
                        + " were added themselves");
            }
            Plan plan = write.apply(added, new Target(queue, Plan.ADDED, plans.size()));
            int more = PlanCodec.encode(plan).length;
            check("bytes of plans", bytes + more, Plan.MAX_BYTES);
            check("steps that wait for no other", first + plan.first().size(), MOST_FIRST);
            bytes += more;
            first += plan.first().size();
            plans.add(plan);
        } finally {
            lock.unlock();
        }
    }

    private static void check(String what, int size, int most) {
        if (size > most) {
            throw new IllegalArgumentException("one run adds steps to its workflow with at most " + most + " " + what
                    + ", got " + size + "; let a step that is added add the rest, or give a list to map(...)");
        }
    }

    /** All that was added. From now on nothing can be. */
    public List<Plan> close() {
        lock.lock();
        try {
            isClosed = true;
            return List.copyOf(plans);
        } finally {
            lock.unlock();
        }
    }
}
