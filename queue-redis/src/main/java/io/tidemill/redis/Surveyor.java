package io.tidemill.redis;

import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.SlotHash;
import io.tidemill.broker.Survey;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Looks at many queues with one call, or in a cluster with one call per slot, as no script may touch two.
 *
 * <p>Thread-safe.
 */
final class Surveyor {

    private static final int ANY_SLOT = 0;

    private final String prefix;
    private final RedisLink link;
    private final Requests requests;
    private final Connector<StatefulConnection<byte[], byte[]>> commands;

    Surveyor(String prefix, RedisLink link, Requests requests, Connector<StatefulConnection<byte[], byte[]>> commands) {
        this.prefix = prefix;
        this.link = link;
        this.requests = requests;
        this.commands = commands;
    }

    /** One answer per queue, in the same order. */
    CompletableFuture<List<Survey>> survey(List<String> names) {
        Map<Integer, List<Integer>> bySlot = new LinkedHashMap<>();
        byte[][] leases = new byte[names.size()][];
        for (int i = 0; i < leases.length; i++) {
            leases[i] = Keyspace.leases(prefix, names.get(i));
            int slot = link.isCluster() ? SlotHash.getSlot(leases[i]) : ANY_SLOT;
            bySlot.computeIfAbsent(slot, s -> new ArrayList<>()).add(i);
        }
        Survey[] found = new Survey[leases.length];
        CompletableFuture<?>[] asked = bySlot.values().stream()
                .map(indexes -> ask(names, leases, indexes, found))
                .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(asked).thenApply(done -> Arrays.asList(found));
    }

    private CompletableFuture<Void> ask(List<String> names, byte[][] leases, List<Integer> indexes, Survey[] found) {
        List<byte[]> keys = indexes.stream().map(i -> leases[i]).toList();
        String about = indexes.size() == 1 ? names.get(indexes.get(0)) : "*";
        return requests.send(commands, about, ScriptRequest.of(Script.SURVEY, keys), requests.deadline())
                .thenAccept(reply -> {
                    String digits = reply.text("digits");
                    for (int i = 0; i < digits.length(); i++) {
                        found[indexes.get(i)] = read(digits.charAt(i) - '0');
                    }
                });
    }

    private static Survey read(int digit) {
        return digit == 0
                ? Survey.NOTHING
                : new Survey((digit & 1) != 0, (digit & 2) != 0, (digit & 4) != 0, (digit & 8) != 0);
    }
}
