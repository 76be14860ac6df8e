package io.tidemill.benchmarks.jmh;

import io.tidemill.TaskQueue;
import io.tidemill.benchmarks.Mail;
import io.tidemill.benchmarks.MailTasks;
import io.tidemill.broker.Broker;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The way from a call to the broker's door: which task a method reference names, the record, the coalescer. The broker
 * takes everything and keeps nothing. By name the task need not be found, so the difference is what finding it costs.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CallBenchmark {

    private final TaskQueue queue = TaskQueue.builder().broker(nowhere()).start();

    @Benchmark
    public CompletableFuture<JobHandle<Void>> byMethodReference() {
        return queue.enqueueAsync(Call.call(MailTasks::send, Mail.WELCOME));
    }

    @Benchmark
    public CompletableFuture<JobHandle<Object>> byName() {
        return queue.enqueueAsync(Call.named("mail", Mail.WELCOME));
    }

    @TearDown
    public void close() {
        queue.close();
    }

    private static Broker nowhere() {
        CompletableFuture<List<EnqueueReply>> one =
                CompletableFuture.completedFuture(Collections.nCopies(1, EnqueueReply.ACCEPTED));
        return (Broker) Proxy.newProxyInstance(
                Broker.class.getClassLoader(), new Class<?>[] {Broker.class}, (proxy, method, arguments) -> {
                    if (method.isDefault()) {
                        return InvocationHandler.invokeDefault(proxy, method, arguments);
                    }
                    return switch (method.getName()) {
                        case "enqueue" -> one;
                        case "abilities" -> Set.of();
                        default -> null;
                    };
                });
    }
}
