package io.tidemill.benchmarks.compare;

import static io.tidemill.client.Call.call;
import static io.tidemill.workflow.Workflow.chain;
import static io.tidemill.workflow.Workflow.group;

import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.benchmarks.Brokers;
import io.tidemill.benchmarks.Histogram;
import io.tidemill.benchmarks.Mail;
import io.tidemill.client.BulkCounts;
import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import io.tidemill.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What Tidemill has beyond plain jobs, through {@link TaskQueue} with every default. */
final class TidemillFeatures implements Features, AutoCloseable {

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    private static final int PRIORITIES = 10;
    /** Threads that start workflows. */
    private static final int STARTERS = 32;

    private final String uri;
    private @Nullable OtherWorker other;

    TidemillFeatures(String uri) {
        this.uri = uri;
    }

    @Override
    public double latencyOther(Plan plan) {
        OtherWorker worker = other(plan);
        try (TaskQueue queue = builder().start()) {
            return oneByOne(plan, worker, () -> {
                long before = System.nanoTime();
                queue.enqueue(FeatureTasks::send, Mail.WELCOME);
                return worker.started() - before;
            });
        }
    }

    @Override
    public double roundtrip(Plan plan) {
        OtherWorker worker = other(plan);
        try (TaskQueue queue = builder().start()) {
            return oneByOne(plan, worker, () -> {
                long before = System.nanoTime();
                Mail result = await(queue.enqueue(FeatureTasks::echo, Mail.WELCOME));
                long nanos = System.nanoTime() - before;
                if (!result.equals(Mail.WELCOME)) {
                    throw new IllegalStateException("not the result: " + result);
                }
                return nanos;
            });
        }
    }

    private static Mail await(JobHandle<Mail> job) {
        try {
            return job.await(LONGEST_WAIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** The median, in microseconds, while a worker runs in the other process. */
    private static double oneByOne(Plan plan, OtherWorker worker, LongSupplier measure) {
        Histogram histogram = new Histogram();
        worker.start(plan.idleConcurrency());
        for (int i = 0; i < plan.unmeasured() + plan.samples(); i++) {
            long nanos = measure.getAsLong();
            if (i >= plan.unmeasured()) {
                histogram.record(nanos);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(plan.pauseMillis()));
        }
        worker.stop();
        return Latency.of(histogram).p50();
    }

    /** Started when it is first needed, and warm: its JVM has run as many jobs as ten rounds have samples. */
    private OtherWorker other(Plan plan) {
        OtherWorker known = other;
        if (known == null) {
            known = new OtherWorker(uri);
            known.warm(10 * plan.samples());
            other = known;
        }
        return known;
    }

    @Override
    public double delayed(Plan plan, int jobs) {
        // Read first, so that no job starts before it.
        long dueNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(plan.delayMillis());
        Instant due = Instant.now().plusMillis(plan.delayMillis());
        long storing = store(jobs, i -> call(FeatureTasks::send, Mail.WELCOME).at(due));
        Ends ends = new Ends(jobs);
        boolean isWaiting = System.nanoTime() - dueNanos < 0;
        run(plan, ends);
        return perSecond(jobs, storing + ends.lastNanos() - (isWaiting ? dueNanos : ends.firstNanos()));
    }

    @Override
    public double priority(Plan plan, int jobs) {
        long storing = store(jobs, i -> call(FeatureTasks::send, Mail.WELCOME).priority(i % PRIORITIES));
        Ends ends = new Ends(jobs);
        run(plan, ends);
        return perSecond(jobs, storing + ends.lastNanos() - ends.firstNanos());
    }

    @Override
    public double unique(Plan plan) {
        try (TaskQueue queue = builder().start()) {
            AtomicLong offered = new AtomicLong();
            long start = System.nanoTime();
            long until = start + (long) (plan.seconds() * 1e9);
            BulkCounts counts = queue.enqueueAll(Stream.generate(() ->
                            call(FeatureTasks::send, Mail.WELCOME).unique("mail:" + offered.getAndIncrement() / 2))
                    .takeWhile(call -> offered.get() <= 2 || System.nanoTime() - until < 0));
            double perSecond = perSecond(counts.stored() + counts.duplicates(), System.nanoTime() - start);
            if (counts.stored() - counts.duplicates() > 1) {
                throw new IllegalStateException(counts + ": not half of them are duplicates");
            }
            return perSecond;
        }
    }

    @Override
    public double retry(Plan plan, int jobs) {
        store(jobs, i -> call(FeatureTasks::failOnce, Mail.WELCOME));
        Ends ends = new Ends(jobs);
        run(plan, ends);
        return perSecond(jobs, ends.lastNanos() - ends.firstNanos());
    }

    @Override
    public double chains(Plan plan, int jobs) {
        Workflow<Mail> chain = chain(call(FeatureTasks::echo, Mail.WELCOME));
        for (int step = 1; step < Plan.CHAIN; step++) {
            chain = chain.then(FeatureTasks::echo);
        }
        return flows(plan, jobs, Plan.CHAIN, chain);
    }

    @Override
    public double groups(Plan plan, int jobs) {
        List<Call<Mail>> calls = IntStream.range(0, Plan.GROUP)
                .mapToObj(i -> call(FeatureTasks::echo, Mail.WELCOME))
                .toList();
        return flows(plan, jobs, Plan.GROUP + 1, group(calls).then(FeatureTasks::join));
    }

    private double flows(Plan plan, int jobs, int jobsOfEach, Workflow<?> flow) {
        long storing = startAll(jobs / jobsOfEach, flow);
        Ends ends = new Ends(jobs);
        run(plan, ends);
        return perSecond(jobs, storing + ends.lastNanos() - ends.firstNanos());
    }

    /** Starts so many, on several threads, as each start is a call that waits; gives the nanoseconds that it took. */
    private long startAll(int flows, Workflow<?> flow) {
        ExecutorService threads = Executors.newFixedThreadPool(STARTERS);
        try (TaskQueue queue = builder().start()) {
            long start = System.nanoTime();
            AtomicInteger next = new AtomicInteger();
            List<Future<?>> starters = new ArrayList<>();
            for (int i = 0; i < STARTERS; i++) {
                starters.add(threads.submit(() -> {
                    while (next.getAndIncrement() < flows) {
                        queue.start(flow);
                    }
                }));
            }
            for (Future<?> starter : starters) {
                ended(starter);
            }
            return System.nanoTime() - start;
        } finally {
            threads.shutdown();
        }
    }

    private static void ended(Future<?> starter) {
        try {
            starter.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("not all workflows were started", e.getCause());
        }
    }

    /** Stores in bulk; gives the nanoseconds that it took. */
    private long store(int jobs, IntFunction<Call<?>> call) {
        try (TaskQueue queue = builder().start()) {
            long start = System.nanoTime();
            long stored =
                    queue.enqueueAll(IntStream.range(0, jobs).mapToObj(call)).stored();
            if (stored != jobs) {
                throw new IllegalStateException(stored + " of " + jobs + " jobs were stored");
            }
            return System.nanoTime() - start;
        }
    }

    private void run(Plan plan, Ends ends) {
        TaskQueueBuilder builder = builder()
                .concurrency(plan.concurrency())
                .tasks(new FeatureTasks(ends::started))
                .listener(ends);
        TaskQueue queue = builder.start();
        try (queue) {
            ends.await();
        }
    }

    private static double perSecond(long jobs, long nanos) {
        return jobs / (nanos / 1e9);
    }

    private TaskQueueBuilder builder() {
        return TaskQueue.builder().broker(Brokers.connect(uri));
    }

    @Override
    public void close() {
        OtherWorker known = other;
        if (known != null) {
            known.close();
        }
    }
}
