package io.tidemill.conformance;

import io.tidemill.broker.RecoverReply;
import io.tidemill.broker.Survey;
import io.tidemill.broker.memory.MemoryBroker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A broker that goes away and comes back: meanwhile promote gets no answer. Counts what is recovered. */
public final class OutageBroker extends DelegatingBroker {

    private final List<CompletableFuture<Integer>> unanswered = new ArrayList<>();
    private boolean isAway;
    private int recovers;

    /** Over a store of its own. */
    public OutageBroker() {
        super(new MemoryBroker());
    }

    /** From now on nothing is answered. */
    public synchronized void goAway() {
        isAway = true;
    }

    /** Answers what was asked meanwhile. */
    public void comeBack() {
        List<CompletableFuture<Integer>> late;
        synchronized (this) {
            isAway = false;
            late = List.copyOf(unanswered);
            unanswered.clear();
        }
        late.forEach(answer -> answer.complete(0));
    }

    /** How often recover was called. */
    public synchronized int recovers() {
        return recovers;
    }

    /** There is always something due. */
    @Override
    public CompletableFuture<List<Survey>> survey(List<String> queues) {
        return CompletableFuture.completedFuture(
                queues.stream().map(queue -> new Survey(false, true, false)).toList());
    }

    @Override
    public synchronized CompletableFuture<Integer> promote(String queue, int limit) {
        if (!isAway) {
            return CompletableFuture.completedFuture(0);
        }
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        unanswered.add(answer);
        return answer;
    }

    @Override
    public synchronized CompletableFuture<RecoverReply> recover(
            String queue, int limit, int maxLostLeases, byte[] failure) {
        recovers++;
        return CompletableFuture.completedFuture(new RecoverReply(List.of(), List.of()));
    }
}
