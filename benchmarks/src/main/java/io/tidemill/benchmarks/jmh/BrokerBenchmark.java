package io.tidemill.benchmarks.jmh;

import io.tidemill.benchmarks.Brokers;
import io.tidemill.benchmarks.Mail;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.message.JsonPayloadCodec;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.task.Priority;
import io.tidemill.test.redis.RedisServer;
import io.tidemill.text.JobIds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Hops of a broker, one call at a time: what a batch costs from the request to its reply. A figure is for the whole
 * batch.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls the setup
public class BrokerBenchmark {

    private static final String QUEUE = "mail";
    private static final long LEASE_MILLIS = 30_000;

    /** Which broker. */
    @Param({"memory", "redis"})
    public String broker;

    /** Jobs in one call. */
    @Param({"1", "100"})
    public int batch;

    private final JobIds ids = new JobIds(System::currentTimeMillis);
    private final byte[] body = JobCodec.encode(new Job(
            "mail",
            new JsonPayloadCodec().encodeUnchecked(new Object[] {Mail.WELCOME}, null),
            1_795_212_339_800L,
            null,
            null,
            Map.of()));
    private RedisServer redis;
    private Broker subject;
    private long tokens;
    private List<Claim> lastClaims = List.of();

    @Setup
    public void open() {
        if (broker.equals("redis")) {
            redis = RedisServer.start();
            subject = Brokers.connect(redis.uri());
        } else {
            subject = new MemoryBroker();
        }
        subject.open();
    }

    /** A whole life in three calls. */
    @Benchmark
    public CompleteReply enqueueClaimComplete() {
        enqueueOnly();
        return complete(claim());
    }

    /** A whole life in two calls, as under load: the completion claims what comes next. */
    @Benchmark
    public CompleteReply enqueueCompleteAndClaim() {
        enqueueOnly();
        return subject.complete(QUEUE, completions(lastClaims), request())
                .thenApply(this::remember)
                .join();
    }

    private CompleteReply remember(CompleteReply reply) {
        ClaimReply claimed = reply.claimed();
        lastClaims = claimed == null ? List.of() : claimed.claims();
        return reply;
    }

    private List<EnqueueReply> enqueueOnly() {
        List<NewJob> jobs = new ArrayList<>(batch);
        for (int i = 0; i < batch; i++) {
            jobs.add(NewJob.now(ids.next(), body, Priority.DEFAULT));
        }
        return subject.enqueue(QUEUE, jobs).join();
    }

    private List<Claim> claim() {
        return subject.claim(QUEUE, request()).join().claims();
    }

    private CompleteReply complete(List<Claim> claims) {
        return subject.complete(QUEUE, completions(claims), null).join();
    }

    private ClaimRequest request() {
        return new ClaimRequest("worker", "token-" + ++tokens, batch, LEASE_MILLIS);
    }

    private static List<Completion.Succeeded> completions(List<Claim> claims) {
        List<Completion.Succeeded> completions = new ArrayList<>(claims.size());
        for (Claim claim : claims) {
            completions.add(new Completion.Succeeded(claim.id(), claim.token(), null, 0));
        }
        return completions;
    }

    @TearDown
    public void close() {
        subject.close();
        if (redis != null) {
            redis.close();
        }
    }
}
