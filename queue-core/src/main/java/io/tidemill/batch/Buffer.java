package io.tidemill.batch;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The requests that wait to be sent, in the order in which they came. Not thread-safe. */
final class Buffer<T, R> {

    private @Nullable Entry<T, R> first;
    private @Nullable Entry<T, R> last;
    private int size;
    private long weight;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Whether one more of this weight fits. A request that is heavier than the limit fits alone. */
    boolean hasRoomFor(int more, BatchLimits limits) {
        return size == 0 || (size < limits.waiting() && weight + more <= limits.waitingWeight());
    }

    void add(Entry<T, R> entry) {
        if (last == null) {
            first = entry;
        } else {
            last.next = entry;
        }
        last = entry;
        size++;
        weight += entry.weight;
    }

    /** Takes the requests in front whose time to be sent is over. Returns whether there were any. */
    boolean takeLate(Flight<T, R> flight, LongSupplier nanos) {
        Entry<T, R> end = null;
        int taken = 0;
        long takenWeight = 0;
        for (Entry<T, R> each = first; each != null && each.isTooLate(nanos); each = each.next) {
            end = each;
            taken++;
            takenWeight += each.weight;
        }
        if (end == null) {
            return false;
        }
        take(flight, end, taken, takenWeight);
        return true;
    }

    /** Takes at least one request, and as many more as fit. There must be one. */
    void takeBatch(Flight<T, R> flight, int most, long mostWeight) {
        Entry<T, R> end = first;
        if (end == null) {
            throw new IllegalStateException("nothing waits");
        }
        int taken = 1;
        long takenWeight = end.weight;
        while (end.next != null && taken < most && takenWeight + end.next.weight <= mostWeight) {
            end = end.next;
            taken++;
            takenWeight += end.weight;
        }
        take(flight, end, taken, takenWeight);
    }

    /** Empties it. Returns the first of the chain. */
    @Nullable
    Entry<T, R> takeAll() {
        Entry<T, R> all = first;
        first = null;
        last = null;
        size = 0;
        weight = 0;
        return all;
    }

    private void take(Flight<T, R> flight, Entry<T, R> end, int taken, long takenWeight) {
        flight.first = first;
        flight.size = taken;
        first = end.next;
        if (first == null) {
            last = null;
        }
        end.next = null;
        size -= taken;
        weight -= takenWeight;
    }
}
