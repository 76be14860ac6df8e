package io.tidemill.broker.partition;

import io.tidemill.broker.Broker;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.Leases;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Leases may be held in any partition. Thread-safe. */
final class PartitionedLeases implements Leases {

    private final Broker broker;
    private final Partitions partitions;

    PartitionedLeases(Broker broker, Partitions partitions) {
        this.broker = broker;
        this.partitions = partitions;
    }

    /**
     * A worker knows a lease by the token that it made, without the mark, so all partitions are asked. One that does
     * not answer matters only to tokens that no other knows.
     */
    @Override
    public CompletableFuture<List<ExtendReply>> extend(String queue, List<String> tokens, long leaseMillis) {
        List<String> plain = tokens.stream().map(Partitions::token).toList();
        List<CompletableFuture<PartitionRequests.Answer<List<ExtendReply>>>> asked = partitions.of(queue).stream()
                .map(part -> broker.leases().extend(part, plain, leaseMillis).handle(PartitionRequests.Answer::new))
                .toList();
        return PartitionRequests.all(asked).thenApply(answers -> {
            List<List<ExtendReply>> known = answers.stream()
                    .map(PartitionRequests.Answer::value)
                    .filter(Objects::nonNull)
                    .toList();
            List<ExtendReply> replies = IntStream.range(0, tokens.size())
                    .mapToObj(i -> known.stream()
                            .map(some -> some.get(i))
                            .reduce(ExtendReply.ENDED, PartitionRequests::either))
                    .toList();
            boolean isEach = replies.stream().allMatch(ExtendReply::alive);
            answers.stream()
                    .filter(answer -> answer.failure() != null && !isEach)
                    .findFirst()
                    .ifPresent(answer -> {
                        throw PartitionRequests.asRuntimeException(answer.failure());
                    });
            return replies;
        });
    }
}
