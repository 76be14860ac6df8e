package io.tidemill.admin;

import io.tidemill.async.Answers;
import io.tidemill.broker.Broker;
import io.tidemill.broker.EraseReply;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.JobState;
import io.tidemill.text.Texts;
import java.util.List;

/** Removes one queue, as {@link QueueAdmin#deleteQueue(String, boolean)} says. */
record QueueRemoval(QueueAdmin admin, Broker broker, String queue) {

    /** How often a queue is emptied: jobs may come meanwhile. */
    private static final int MOST_PURGES = 10;

    void remove(boolean force) {
        EraseReply reply = erase(force);
        for (int tries = 0; reply == EraseReply.HAS_JOBS && force && tries < MOST_PURGES; tries++) {
            for (JobState state : List.of(JobState.READY, JobState.SCHEDULED, JobState.WAITING, JobState.DEAD)) {
                admin.purge(queue, state);
            }
            reply = erase(true);
        }
        if (reply == EraseReply.HAS_WORKERS) {
            throw new IllegalStateException("queue " + queue + " was not deleted: it is served by "
                    + Texts.count(admin.workers(queue).size(), "worker")
                    + "; stop them, or wait until they are gone, 30 s after one died");
        }
        if (reply == EraseReply.HAS_SCHEDULES) {
            long schedules = Answers.of(broker.schedules().count(queue), "to count schedules");
            throw new IllegalStateException("queue " + queue + " was not deleted: it has "
                    + Texts.count(schedules, "schedule") + "; remove them first");
        }
        if (reply == EraseReply.HAS_JOBS) {
            throw new IllegalStateException("queue " + queue + " was not deleted: it has " + left(admin.counts(queue))
                    + "; "
                    + (force ? "stop what stores jobs in it" : "let them end, purge them, or delete it by force"));
        }
    }

    private EraseReply erase(boolean running) {
        EraseReply reply;
        do {
            reply = Answers.of(broker.operations().erase(queue, running), "to delete queue " + queue);
        } while (reply == EraseReply.MORE);
        return reply;
    }

    private static String left(QueueCounts counts) {
        long jobs = counts.ready() + counts.scheduled() + counts.waiting() + counts.active() + counts.dead();
        return jobs == 0
                ? "messages for other queues, or workflows that have not ended"
                : counts.ready() + " ready, " + counts.scheduled() + " scheduled, "
                        + (counts.waiting() == 0 ? "" : counts.waiting() + " waiting, ") + counts.active()
                        + " active and " + counts.dead() + " dead jobs";
    }
}
