package io.tidemill.broker.memory;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Fill;
import io.tidemill.broker.FillReply;
import io.tidemill.broker.Inspection;
import io.tidemill.broker.PlacePage;
import io.tidemill.broker.PlaceValue;
import io.tidemill.broker.WorkflowJob;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a job waits for: places, each of which is filled once. Guarded by the lock of its queue. */
final class Places {

    private final Map<Integer, PlaceValue> values = new HashMap<>();
    private int count;

    Places(int count) {
        this.count = count;
    }

    /** The first value of a place stays, and so does the first count. */
    FillReply fill(Fill fill) {
        if (fill.place() == Fill.COUNT) {
            if (count != WorkflowJob.UNKNOWN) {
                return FillReply.ALREADY;
            }
            count = fill.counted();
        } else if (count != WorkflowJob.UNKNOWN && fill.place() >= count) {
            return FillReply.GONE;
        } else {
            byte[] value = fill.value();
            PlaceValue filled = value == null ? PlaceValue.SKIPPED : PlaceValue.of(value);
            if (values.putIfAbsent(fill.place(), filled) != null) {
                return FillReply.ALREADY;
            }
        }
        return count != WorkflowJob.UNKNOWN && values.size() >= count ? FillReply.READY : FillReply.FILLED;
    }

    PlacePage page(int from, int limit) {
        int end = count == WorkflowJob.UNKNOWN ? WorkflowJob.MAX_PLACES : count;
        List<PlaceValue> page = new ArrayList<>();
        long bytes = 0;
        for (int place = from; place < end && page.size() < limit; place++) {
            PlaceValue value = values.getOrDefault(place, PlaceValue.EMPTY);
            bytes += value.value().length;
            if (bytes > Broker.MAX_CLAIM_BYTES && !page.isEmpty()) {
                break;
            }
            page.add(value);
        }
        return new PlacePage(count, values.size(), List.copyOf(page));
    }

    Inspection.Waits waits() {
        List<Integer> empty = new ArrayList<>();
        for (int place = 0; place < Math.min(count, Broker.MAX_BATCH); place++) {
            if (!values.containsKey(place) && empty.size() < Inspection.Waits.MOST_EMPTY) {
                empty.add(place);
            }
        }
        return new Inspection.Waits(count, values.size(), List.copyOf(empty));
    }
}
