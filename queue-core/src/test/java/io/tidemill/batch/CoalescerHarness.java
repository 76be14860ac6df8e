package io.tidemill.batch;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Calls that wait to be answered by the test. */
abstract class CoalescerHarness {

    static final long NEVER = TimeUnit.SECONDS.toNanos(20);

    /** Calls that wait to be answered by the test. */
    final List<Call> calls = Collections.synchronizedList(new ArrayList<>());

    record Call(List<Integer> requests, Thread thread, CompletableFuture<List<String>> reply) {

        void answer() {
            reply.complete(requests.stream().map(n -> "reply " + n).toList());
        }
    }

    CompletableFuture<List<String>> send(List<Integer> requests) {
        Call call = new Call(List.copyOf(requests), Thread.currentThread(), new CompletableFuture<>());
        calls.add(call);
        return call.reply;
    }

    final Coalescer<Integer, String> coalescer = new Coalescer<>(3, 4, this::send);

    Coalescer<Integer, String> coalescer(int batch, int inFlight) {
        BatchLimits limits = new BatchLimits(batch, 0, 100, 0, Long.MAX_VALUE, inFlight);
        return new Coalescer<>(limits, request -> 0, () -> 0, Runnable::run, this::send);
    }
}
