package io.tidemill.redis;

import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.keys.WireText;
import io.tidemill.redis.script.ScriptRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes runs that succeeded as complete takes them, those of one lease side by side, and reads which were settled.
 *
 * @param order for each given run its place in the request
 */
record Settled(int[] order) {

    /** Of runs that stand in the request as they were given. */
    static Settled inOrder(int size) {
        int[] order = new int[size];
        Arrays.setAll(order, i -> i);
        return new Settled(order);
    }

    /** Puts runs into a request, by their leases. */
    static Settled byLease(Keyspace keys, ScriptRequest request, List<Completion.Succeeded> succeeded) {
        Map<String, List<Integer>> leases = new LinkedHashMap<>();
        for (int i = 0; i < succeeded.size(); i++) {
            leases.computeIfAbsent(succeeded.get(i).token(), token -> new ArrayList<>())
                    .add(i);
        }
        int[] order = new int[succeeded.size()];
        List<Integer> constrained = new ArrayList<>(0);
        StringBuilder keep = new StringBuilder();
        long newest = 0;
        List<byte[]> results = new ArrayList<>(0);
        int position = 0;
        for (Map.Entry<String, List<Integer>> lease : leases.entrySet()) {
            request.add(lease.getKey()).add(lease.getValue().size());
            for (int index : lease.getValue()) {
                Completion.Succeeded one = succeeded.get(index);
                order[index] = position++;
                request.addKey(keys.job(WireText.of("job id", one.id())));
                if (one.receipt() != null) {
                    constrained.add(position);
                }
                if (one.keep() != null) {
                    newest = Math.max(newest, one.keep().newest());
                    keep.append(' ')
                            .append(position)
                            .append(':')
                            .append(one.keep().millis());
                    keep.append(':').append(Math.max(0, one.keep().ranMillis()));
                }
                byte[] result = one.result();
                if (result != null && one.resultTtlMillis() > 0) {
                    results.add(ScriptRequest.ascii(position));
                    results.add(ScriptRequest.ascii(one.resultTtlMillis()));
                    results.add(result);
                }
            }
        }
        request.with("leaseCount", leases.size()).with("constrained", commas(constrained));
        request.with("keep", keep.isEmpty() ? "" : newest + keep.toString());
        results.forEach(request::add);
        return new Settled(order);
    }

    /** One answer per run, in the order in which they were given; '' says that all are settled. */
    List<CompletionReply> read(String answers) {
        List<CompletionReply> replies = new ArrayList<>(order.length);
        for (int position : order) {
            replies.add(
                    switch (answers.isEmpty() ? '1' : answers.charAt(position)) {
                        case '1' -> CompletionReply.SETTLED;
                        case '2' -> CompletionReply.CANCELLED;
                        default -> CompletionReply.STALE;
                    });
        }
        return replies;
    }

    private static String commas(List<Integer> numbers) {
        StringBuilder text = new StringBuilder();
        numbers.forEach(number -> text.append(text.isEmpty() ? "" : ",").append(number));
        return text.toString();
    }
}
