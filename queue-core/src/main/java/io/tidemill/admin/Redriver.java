package io.tidemill.admin;

import io.tidemill.async.Answers;
import io.tidemill.broker.Broker;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.task.JobState;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends dead jobs back, a page at a time, newest first. The broker does not read records, so they are listed and
 * filtered here and then named by id; one that somebody else took meanwhile is left out.
 *
 * <p>A page is taken out from under the listing, so what follows moves up: only those that stay dead count as an
 * offset. Jobs that die meanwhile come in front of it and are not met.
 */
final class Redriver {

    private static final double MILLIS = 1000;

    private final Broker broker;

    Redriver(Broker broker) {
        this.broker = broker;
    }

    /**
     * One page.
     *
     * @param perSecond at which rate the jobs become ready; 0 for all at once
     */
    Redriven page(String queue, DeadFilter filter, double perSecond, int limit, Redriven before) {
        List<JobSnapshot> page = Answers.of(
                broker.lists().list(queue, JobState.DEAD, before.passedOver(), limit), "for dead jobs of " + queue);
        List<Redrive> wanted = new ArrayList<>();
        for (JobSnapshot job : page) {
            if (filter.matches(job)) {
                wanted.add(new Redrive(job.id(), delay(before.redriven() + wanted.size(), perSecond)));
            }
        }
        int redriven = 0;
        int refused = 0;
        if (!wanted.isEmpty()) {
            for (RedriveReply reply :
                    Answers.of(broker.operations().redrive(queue, wanted), "to redrive jobs of " + queue)) {
                redriven += reply == RedriveReply.REDRIVEN ? 1 : 0;
                refused += reply == RedriveReply.KEY_HELD ? 1 : 0;
            }
        }
        return new Redriven(
                before.redriven() + redriven,
                before.passedOver() + page.size() - wanted.size() + refused,
                page.size() < limit);
    }

    private static long delay(long index, double perSecond) {
        return perSecond == 0 ? 0 : (long) (index * MILLIS / perSecond);
    }
}
