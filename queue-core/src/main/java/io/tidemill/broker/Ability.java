package io.tidemill.broker;

import io.tidemill.task.BrokerException;

/**
 * What a {@link Broker} may be able to do beyond the core of the port, which every broker can do: store jobs (at once,
 * later, by priority), hand them out, record how runs ended (with retries and dead letters), and say that there is
 * something to do. Whoever asks for what the broker cannot do gets a {@link BrokerException} that names the ability; a
 * {@code TaskQueue} that needs it does not start.
 *
 * <p>More abilities come with later versions: a {@code switch} over them needs a {@code default} branch.
 */
public enum Ability {
    /**
     * Leases end by time and can be extended: {@link Leases}. Without it a claimed job belongs to its worker until the
     * run is recorded or the broker has lost the worker.
     */
    LEASES("leases end by time unless they are extended"),
    /**
     * Somebody has to look after the queues: {@link Sweeps}. Without it the broker does so itself: it promotes due
     * jobs, takes back the jobs of lost workers, and ends what is late.
     */
    SWEEPS("workers look after the queues: due jobs, ended leases, late jobs, old dead jobs"),
    /** A job can be found by its id: {@link LookUp}. */
    LOOK_UP("jobs are found by their ids"),
    /** A job can be cancelled by its id: {@link Cancellation}. */
    CANCEL("jobs are cancelled by their ids, waiting or running"),
    /** Jobs can be counted and listed: {@link Lists}. */
    LISTS("jobs are counted and listed by state"),
    /** What operators do: {@link Operations}. */
    OPERATIONS("queues are paused, jobs explained, redriven, rescheduled and deleted, workers listed"),
    /** Rates and numbers of running jobs can be limited, of a queue and of its groups: {@link LimitStore}. */
    LIMITS("rates and numbers of running jobs are limited"),
    /** Jobs may have a group: {@link JobConstraints#group}. */
    GROUPS("groups of jobs take turns"),
    /** Jobs may have a unique key: {@link JobConstraints#unique}. */
    UNIQUE("one job at a time has a unique key"),
    /** Jobs may expire before they start: {@link JobConstraints#expiresInMillis}. */
    EXPIRY("jobs that did not start in time are not started"),
    /** Results are kept beside the jobs. Without it they are kept in a {@link ResultBackend}, or not at all. */
    RESULTS("results are kept beside the jobs"),
    /** Jobs that succeeded can be kept: {@link Completion.Keep}. */
    KEEPING("jobs that succeeded are kept for a time"),
    /** Schedules are kept, and a job can carry the step of one: {@link ScheduleStore}, {@link ScheduleStep}. */
    SCHEDULES("schedules are kept beside the jobs that they store"),
    /** What happened in a queue is kept for 24 hours and for 30 days: {@link CountHistory}. */
    HISTORY("counts of the last 24 hours and 30 days are kept"),
    /** What a run has done so far is kept for the later runs of its job: {@link NoteStore}. */
    NOTES("what runs have done so far is kept with their jobs"),
    /** How far a job has got is kept for whoever looks at it: {@link ProgressStore}. */
    PROGRESS("how far jobs have got is kept beside them"),
    /** Jobs can wait for the results of others: {@link WorkflowStore}, {@link Followers}. */
    WORKFLOWS("jobs wait for the results of others and follow one another"),
    /** Operators can ask something of single workers: {@link CommandStore}. */
    CONTROL("workers are asked to be quiet, to go on, to stop, and how they are");

    private final String meaning;

    Ability(String meaning) {
        this.meaning = meaning;
    }

    /** What a broker with this ability does: half a sentence. */
    public String meaning() {
        return meaning;
    }

    /** The error of asking a broker of this name for it, which cannot do it. */
    public BrokerException missingIn(String broker) {
        return new BrokerException(
                BrokerException.Outcome.REFUSED,
                broker + " cannot do this: it has no ability " + name() + " (" + meaning + ")",
                null);
    }
}
