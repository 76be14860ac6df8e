package io.tidemill.admin;

import io.tidemill.broker.Inspection;
import io.tidemill.message.Failure;
import io.tidemill.task.JobState;
import io.tidemill.text.Texts;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Why a job is not running: the first of these that holds. Cases may be added in later releases: a {@code switch} over
 * them needs a {@code default} branch.
 *
 * <p>As of one moment for the job itself; workers are looked at just after.
 */
public sealed interface Explanation {

    /** In one line, for people. */
    String text();

    /** Nothing is known of it: it was never stored in this queue, or ended and nothing is kept. */
    record Unknown() implements Explanation {
        @Override
        public String text() {
            return "not known: never stored in this queue, or ended with nothing kept";
        }
    }

    /** It has ended, and is remembered. */
    record Ended(JobState state) implements Explanation {
        @Override
        public String text() {
            return "ended: " + state.name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * It was given up.
     *
     * @param since when
     * @param failure its last failure; null if none is kept
     */
    record Dead(Instant since, @Nullable Failure failure) implements Explanation {
        @Override
        public String text() {
            return "dead since " + since
                    + (failure == null ? "" : ", because of " + failure.type() + ": " + line(failure.message()))
                    + "; redrive it to run it again";
        }

        private static String line(String message) {
            return message.replaceAll("\\s+", " ");
        }
    }

    /** A worker has it: it is running, or about to. */
    record Held(LeaseHolder by) implements Explanation {
        @Override
        public String text() {
            return "held by worker " + by.worker() + " under a lease until " + by.until();
        }
    }

    /**
     * Workers serve its queue, but none of them knows its task. Each that claims it delays it and leaves it to others.
     */
    record NoWorkerKnowsTask(String task) implements Explanation {
        @Override
        public String text() {
            return "no live worker of its queue knows the task " + task + "; deploy one that does";
        }
    }

    /**
     * It is a step of a workflow, and waits for others.
     *
     * @param workflow the id of the workflow
     * @param missing how many values it waits for; -1 if that is not known yet
     * @param steps the names of the steps that are to give them, at most {@value Inspection.Waits#MOST_EMPTY}; empty if
     *     they cannot be read here, as where the plan is sealed
     */
    record WaitsForSteps(String workflow, int missing, List<String> steps) implements Explanation {

        /** Copies the list. */
        public WaitsForSteps {
            steps = List.copyOf(steps);
        }

        @Override
        public String text() {
            return "waits for " + (missing < 0 ? "values" : Texts.count(missing, "value")) + " of workflow " + workflow
                    + (steps.isEmpty() ? "" : ", from " + String.join(", ", steps));
        }
    }

    /** It is not due. */
    record Delayed(Instant until) implements Explanation {
        @Override
        public String text() {
            return "delayed until " + until;
        }
    }

    /** Its queue is paused. */
    record Paused() implements Explanation {
        @Override
        public String text() {
            return "its queue is paused; resume it";
        }
    }

    /** No live worker serves its queue. */
    record NoWorker() implements Explanation {
        @Override
        public String text() {
            return "no live worker serves its queue; start one";
        }
    }

    /**
     * A limit is reached: of its group, else of its queue.
     *
     * @param group the group that is limited; null if it is the queue as a whole
     * @param until when the rate lets the next job start; null if a running job has to end first
     */
    record Limited(@Nullable String group, @Nullable Instant until) implements Explanation {
        @Override
        public String text() {
            return "held up by a limit of its " + (group == null ? "queue" : "group " + group)
                    + (until == null ? " until a running job ends" : " until " + until);
        }
    }

    /**
     * Its group, else its queue, runs in order, and the job before it waits to be tried again. To go on at once run
     * that job now, cancel it or delete it.
     *
     * @param group the group that runs in order; null if it is the queue as a whole
     * @param before the id of the job that goes before it
     * @param until when that job is due
     */
    record InOrder(@Nullable String group, String before, Instant until) implements Explanation {
        @Override
        public String text() {
            return "its " + (group == null ? "queue" : "group " + group) + " runs in order, and job " + before
                    + " goes before it, which is delayed until " + until;
        }
    }

    /**
     * Its turn has not come.
     *
     * @param jobs how many run before it, at most {@value Inspection#MOST_AHEAD}, which means that many or more; 0 if
     *     it is next and every worker is busy
     */
    record Behind(int jobs) implements Explanation {
        @Override
        public String text() {
            if (jobs == 0) {
                return "next: it runs as soon as a worker is free";
            }
            return jobs >= Inspection.MOST_AHEAD ? "behind 1,000 jobs or more" : "behind " + Texts.count(jobs, "job");
        }
    }
}
