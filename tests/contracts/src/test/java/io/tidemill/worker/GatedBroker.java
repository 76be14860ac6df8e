package io.tidemill.worker;

import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.Subscription;
import io.tidemill.conformance.DelegatingBroker;
import io.tidemill.task.BrokerException;
import io.tidemill.test.Waits;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Remembers every call of a worker, and lets a test say what becomes of those of one hop: done, held back before or
 * after they are done, answered with an error, or thrown out.
 *
 * <p>Thread-safe.
 */
final class GatedBroker extends DelegatingBroker {

    /** The calls that a worker makes. */
    enum Hop {
        CLAIM,
        COMPLETE,
        FAIL,
        RELEASE,
        EXTEND
    }

    /** What becomes of a call. */
    enum Mode {
        /** Done and answered. */
        PASS,
        /** Not done until the test says so. */
        HOLD,
        /** Done, and the answer is on its way until the test says so. */
        HOLD_REPLY,
        /** Done, and the answer is lost. */
        LOSE_REPLY,
        /** Not done; the future fails. */
        FAIL,
        /** Not done; the call throws, which the port does not promise but a defect does. */
        THROW,
        /** Not done; an error of the machine is thrown. */
        ERROR
    }

    /** One call, and what it carried. */
    static final class Call {

        final Hop hop;
        final List<Completion> completions;
        final ClaimRequest claim;
        final List<String> tokens;
        private final CompletableFuture<Object> reply = new CompletableFuture<>();
        private Runnable rest = () -> {};

        private Call(Hop hop, List<? extends Completion> completions, ClaimRequest claim, List<String> tokens) {
            this.hop = hop;
            this.completions = List.copyOf(completions);
            this.claim = claim;
            this.tokens = List.copyOf(tokens);
        }

        /** Does what is left to do and answers. */
        void letGo() {
            rest.run();
        }

        void fail() {
            reply.completeExceptionally(broken());
        }
    }

    private final Map<Hop, Mode> modes = new EnumMap<>(Hop.class);
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private volatile BrokerListener listener;

    GatedBroker(Broker broker) {
        super(broker);
    }

    static BrokerException broken() {
        return new BrokerException(BrokerException.Outcome.UNKNOWN, "the broker does not answer", null);
    }

    void set(Hop hop, Mode mode) {
        lock.lock();
        try {
            modes.put(hop, mode);
        } finally {
            lock.unlock();
        }
    }

    void setAll(Mode mode) {
        for (Hop hop : Hop.values()) {
            set(hop, mode);
        }
    }

    /** What the worker gave to listen. */
    BrokerListener listener() {
        return Objects.requireNonNull(listener);
    }

    @Override
    public Subscription listen(String worker, Set<String> queues, BrokerListener heard) {
        listener = heard;
        return super.listen(worker, queues, heard);
    }

    void forget() {
        calls.clear();
    }

    List<Call> calls(Hop hop) {
        List<Call> found = new ArrayList<>(calls);
        found.removeIf(call -> call.hop != hop);
        return found;
    }

    int count(Hop hop) {
        return calls(hop).size();
    }

    /** The n-th call of this hop, from 1; waits until it was made. */
    Call await(Hop hop, int n) {
        Waits.until(hop + " was called " + n + " times", () -> count(hop) >= n);
        return calls(hop).get(n - 1);
    }

    @Override
    public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
        return call(new Call(Hop.CLAIM, List.of(), request, List.of()), () -> super.claim(queue, request));
    }

    @Override
    public CompletableFuture<CompleteReply> complete(
            String queue, List<Completion.Succeeded> succeeded, ClaimRequest next) {
        return call(new Call(Hop.COMPLETE, succeeded, next, List.of()), () -> super.complete(queue, succeeded, next));
    }

    @Override
    public CompletableFuture<List<CompletionReply>> fail(String queue, List<Completion.Failed> ended) {
        return call(new Call(Hop.FAIL, ended, null, List.of()), () -> super.fail(queue, ended));
    }

    @Override
    public CompletableFuture<List<CompletionReply>> release(String queue, List<Completion.Release> releases) {
        return call(new Call(Hop.RELEASE, releases, null, List.of()), () -> super.release(queue, releases));
    }

    @Override
    public CompletableFuture<List<ExtendReply>> extend(String queue, List<String> tokens, long leaseMillis) {
        return call(new Call(Hop.EXTEND, List.of(), null, tokens), () -> super.extend(queue, tokens, leaseMillis));
    }

    @SuppressWarnings("unchecked") // a call is answered with what the real broker answers to it
    private <T> CompletableFuture<T> call(Call call, Supplier<CompletableFuture<T>> real) {
        lock.lock();
        Mode mode;
        try {
            mode = modes.getOrDefault(call.hop, Mode.PASS);
        } finally {
            lock.unlock();
        }
        CompletableFuture<T> answer = (CompletableFuture<T>) call.reply;
        switch (mode) {
            case PASS -> real.get().whenComplete((value, failure) -> answer(answer, value, failure));
            case HOLD -> call.rest = () -> real.get().whenComplete((value, failure) -> answer(answer, value, failure));
            case HOLD_REPLY -> {
                CompletableFuture<T> done = real.get();
                call.rest = () -> done.whenComplete((value, failure) -> answer(answer, value, failure));
            }
            case LOSE_REPLY -> {
                real.get().whenComplete((value, failure) -> call.fail());
            }
            case FAIL, THROW, ERROR -> call.fail();
        }
        calls.add(call);
        if (mode == Mode.THROW) {
            throw new IllegalStateException("the broker has a defect");
        }
        if (mode == Mode.ERROR) {
            throw new OutOfMemoryError("unable to create native thread");
        }
        return answer;
    }

    private static <T> void answer(CompletableFuture<T> reply, T value, Throwable failure) {
        if (failure == null) {
            reply.complete(value);
        } else {
            reply.completeExceptionally(failure);
        }
    }
}
