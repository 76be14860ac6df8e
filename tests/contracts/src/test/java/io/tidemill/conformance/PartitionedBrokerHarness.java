package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.broker.partition.PartitionedBroker;
import io.tidemill.test.FakeClock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A queue in four partitions over a broker in memory. */
abstract class PartitionedBrokerHarness {

    static final String QUEUE = "mail";

    static final long LEASE = 60_000;

    static final byte[] BODY = "body".getBytes(StandardCharsets.US_ASCII);

    final FakeClock clock = new FakeClock();

    final MemoryBroker below = new MemoryBroker(clock);

    final Broker broker = PartitionedBroker.of(below, Map.of(QUEUE, 4));

    int tokens;

    static NewJob job(String id) {
        return NewJob.now(id, BODY, 4);
    }

    List<NewJob> stored(int count) {
        List<NewJob> jobs =
                IntStream.range(0, count).mapToObj(i -> job("job" + i)).toList();
        assertThat(broker.enqueue(QUEUE, jobs).join()).hasSize(count).containsOnly(EnqueueReply.ACCEPTED);
        return jobs;
    }

    ClaimReply claim(int limit) {
        return broker.claim(QUEUE, new ClaimRequest("w", "token" + ++tokens, limit, LEASE))
                .join();
    }

    List<Claim> claimAll() {
        List<Claim> claims = new ArrayList<>();
        ClaimReply reply;
        do {
            reply = claim(100);
            claims.addAll(reply.claims());
        } while (reply.moreInMillis() == 0);
        return claims;
    }

    static List<String> parts() {
        return List.of(QUEUE, QUEUE + ":p1", QUEUE + ":p2", QUEUE + ":p3");
    }
}
