package io.tidemill.send;

import io.tidemill.async.Answers;
import io.tidemill.broker.Broker;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.NewJob;
import io.tidemill.client.BulkException;
import io.tidemill.client.JobRequest;
import io.tidemill.client.PreparedJob;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Stores many calls, slice by slice, in their order. While one slice is on its way the next is written, and it is sent
 * when the one before was answered; so two slices are in memory, however many calls there are, and a failure leaves
 * nothing out in the middle except among the queues of one slice.
 *
 * <p>Used by one thread, for one run.
 */
final class Bulk {

    /** Calls that are sent together, and the replies to come, per queue. */
    private static final class Slice {

        final long from;
        final List<PreparedJob> calls = new ArrayList<>();
        final Map<String, List<NewJob>> jobs = new LinkedHashMap<>();
        final Map<String, CompletableFuture<List<EnqueueReply>>> replies = new LinkedHashMap<>();
        private long costs;

        Slice(long from) {
            this.from = from;
        }

        boolean hasRoomFor(int cost) {
            return calls.isEmpty() || (calls.size() < Broker.MAX_BATCH && costs + cost <= Broker.MAX_COST);
        }

        void add(PreparedJob call, int cost) {
            calls.add(call);
            jobs.computeIfAbsent(call.queue(), queue -> new ArrayList<>()).add(call.job());
            costs += cost;
        }

        long to() {
            return from + calls.size();
        }
    }

    private final BiFunction<String, List<NewJob>, CompletableFuture<List<EnqueueReply>>> enqueue;
    private final ToIntFunction<NewJob> costOf;
    private final Function<JobRequest<?>, PreparedJob> write;
    private final BiConsumer<PreparedJob, EnqueueReply> each;
    /** Written, but there was no room for it in its slice any more. */
    private @Nullable PreparedJob left;

    /** Stores calls, and hands over what became of each, in their order, on the caller's thread. */
    Bulk(
            BiFunction<String, List<NewJob>, CompletableFuture<List<EnqueueReply>>> enqueue,
            ToIntFunction<NewJob> costOf,
            Function<JobRequest<?>, PreparedJob> write,
            BiConsumer<PreparedJob, EnqueueReply> each) {
        this.enqueue = enqueue;
        this.costOf = costOf;
        this.write = write;
        this.each = each;
    }

    void send(Iterator<? extends JobRequest<?>> calls) {
        Slice sent = new Slice(0);
        while (left != null || calls.hasNext()) {
            Slice next = new Slice(sent.to());
            RuntimeException wrong = fill(next, calls);
            finish(sent);
            if (wrong != null) {
                throw wrongCall(next, wrong);
            }
            next.jobs.forEach((queue, jobs) -> next.replies.put(queue, enqueue.apply(queue, jobs)));
            sent = next;
        }
        finish(sent);
    }

    /** Writes calls until the slice is full; returns what is wrong with the next, if anything is. */
    private @Nullable RuntimeException fill(Slice slice, Iterator<? extends JobRequest<?>> calls) {
        try {
            while (left != null || calls.hasNext()) {
                PreparedJob call = left != null ? left : write.apply(calls.next());
                left = null;
                int cost = costOf.applyAsInt(call.job());
                if (!slice.hasRoomFor(cost)) {
                    left = call;
                    return null;
                }
                slice.add(call, cost);
            }
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    /** Hands over what is known to be done, also if not all of it is. */
    private void finish(Slice slice) {
        Map<String, Iterator<EnqueueReply>> replies = new LinkedHashMap<>();
        Map<String, BulkException.Part> parts = new LinkedHashMap<>();
        RuntimeException wrong = null;
        for (Map.Entry<String, CompletableFuture<List<EnqueueReply>>> reply : slice.replies.entrySet()) {
            String queue = reply.getKey();
            try {
                replies.put(
                        queue,
                        Answers.of(reply.getValue(), "to store jobs in queue " + queue)
                                .iterator());
                parts.put(queue, BulkException.Part.STORED);
            } catch (RuntimeException e) {
                boolean isRefused = Answers.isRefusal(e);
                parts.put(queue, isRefused ? BulkException.Part.REFUSED : BulkException.Part.UNKNOWN);
                // What is not known matters more than what is known not to be.
                wrong = wrong == null || !isRefused ? e : wrong;
            }
        }
        List<Long> open = new ArrayList<>();
        for (int i = 0; i < slice.calls.size(); i++) {
            PreparedJob call = slice.calls.get(i);
            Iterator<EnqueueReply> known = replies.get(call.queue());
            if (known == null) {
                open.add(slice.from + i);
            } else {
                each.accept(call, known.next());
            }
        }
        if (wrong != null) {
            throw notStored(slice, parts, open, wrong);
        }
    }

    /** The call itself is wrong; nothing of its slice was sent. */
    private static BulkException wrongCall(Slice slice, RuntimeException cause) {
        return new BulkException(
                "call " + slice.to() + ": " + cause.getMessage() + "; " + before(slice.from) + ", none after",
                cause,
                slice.to(),
                slice.from,
                Map.of(),
                List.of());
    }

    /** The broker refused the slice or a part of it, or did not answer; at least one call is open. */
    private static BulkException notStored(
            Slice slice, Map<String, BulkException.Part> parts, List<Long> open, RuntimeException cause) {
        return new BulkException(
                "calls " + slice.from + " to " + (slice.to() - 1) + ": " + cause.getMessage() + "; "
                        + before(slice.from) + ", " + describe(parts) + ", none after",
                cause,
                open.get(0),
                slice.to(),
                parts,
                open);
    }

    private static String before(long done) {
        return done == 0 ? "no call before was sent" : "calls 0 to " + (done - 1) + " are done";
    }

    private static String describe(Map<String, BulkException.Part> parts) {
        if (parts.size() == 1) {
            return parts.containsValue(BulkException.Part.UNKNOWN) ? "these may be" : "none of these";
        }
        return "of these queue "
                + parts.entrySet().stream()
                        .map(each -> each.getKey() + " "
                                + switch (each.getValue()) {
                                    case STORED -> "has taken its jobs";
                                    case REFUSED -> "has refused its jobs";
                                    case UNKNOWN -> "may have taken its jobs";
                                })
                        .collect(Collectors.joining(", queue "));
    }
}
