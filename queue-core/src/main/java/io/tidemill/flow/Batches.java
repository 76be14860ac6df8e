package io.tidemill.flow;

import io.tidemill.broker.Broker;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowStore;
import java.util.ArrayList;
import java.util.List;

/** Divides jobs of workflows into as many as one request stores. */
final class Batches {

    private Batches() {}

    /** The same jobs in the same order; none for none. */
    static List<List<WorkflowJob>> of(Broker broker, List<WorkflowJob> jobs) {
        List<List<WorkflowJob>> batches = new ArrayList<>();
        int from = 0;
        long cost = 0;
        for (int i = 0; i < jobs.size(); i++) {
            long own = broker.cost(jobs.get(i).job());
            if (i > from && (i - from == WorkflowStore.MAX_JOBS || cost + own > Broker.MAX_COST)) {
                batches.add(List.copyOf(jobs.subList(from, i)));
                from = i;
                cost = 0;
            }
            cost += own;
        }
        if (from < jobs.size()) {
            batches.add(List.copyOf(jobs.subList(from, jobs.size())));
        }
        return batches;
    }
}
