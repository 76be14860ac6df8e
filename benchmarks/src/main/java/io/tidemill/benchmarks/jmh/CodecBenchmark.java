package io.tidemill.benchmarks.jmh;

import io.tidemill.benchmarks.Mail;
import io.tidemill.message.JsonPayloadCodec;
import io.tidemill.message.PayloadCodec;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Arguments to bytes and back, and a job's record to bytes and back. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmark {

    private final PayloadCodec codec = new JsonPayloadCodec();
    private final List<Type> types = List.of(Mail.class);
    private final @Nullable Object[] arguments = {Mail.WELCOME};
    private final byte[] payload = codec.encodeArguments(arguments, types);
    private final Job job = new Job("mail", payload, 1_795_212_339_800L, null, null, Map.of());
    private final byte[] body = JobCodec.encode(job);

    @Benchmark
    public byte[] encodePayload() {
        return codec.encodeArguments(arguments, types);
    }

    @Benchmark
    public @Nullable Object[] decodePayload() {
        return codec.decodeArguments(payload, types);
    }

    @Benchmark
    public byte[] encodeJob() {
        return JobCodec.encode(job);
    }

    @Benchmark
    public Job decodeJob() {
        return JobCodec.decode(body);
    }
}
