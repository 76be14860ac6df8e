package io.tidemill.benchmarks.compare;

import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.benchmarks.Brokers;
import io.tidemill.benchmarks.Histogram;
import io.tidemill.benchmarks.Mail;
import io.tidemill.benchmarks.MailTasks;
import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import io.tidemill.event.QueueEvent;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Tidemill as a user has it: through {@link TaskQueue}, with every default. */
final class Tidemill implements Contender {

    private final String uri;
    private final TidemillFeatures features;

    Tidemill(String uri) {
        this.uri = uri;
        this.features = new TidemillFeatures(uri);
    }

    @Override
    public String name() {
        return "tidemill";
    }

    @Override
    public String version() {
        return "tidemill on Java " + Runtime.version();
    }

    @Override
    public double enqueueSingle(Plan plan) {
        return enqueue(plan.seconds(), plan.inFlight());
    }

    /**
     * A stream of calls, at least one and as long as there is time; Tidemill slices it, and writes one slice while one
     * is answered.
     */
    @Override
    public double enqueueBulk(Plan plan) {
        try (TaskQueue queue = builder().start()) {
            long start = System.nanoTime();
            long until = start + (long) (plan.seconds() * 1e9);
            AtomicLong offered = new AtomicLong();
            Stream<Call<Void>> calls = Stream.generate(() -> Call.call(MailTasks::send, Mail.WELCOME))
                    .takeWhile(call -> offered.getAndIncrement() == 0 || System.nanoTime() - until < 0);
            long stored = queue.enqueueAll(calls).stored();
            return stored / ((System.nanoTime() - start) / 1e9);
        }
    }

    private double enqueue(double seconds, int inFlight) {
        try (TaskQueue queue = builder().start()) {
            Sending sending = new Sending(queue, inFlight);
            long start = System.nanoTime();
            long until = start + (long) (seconds * 1e9);
            do {
                sending.send(Call.call(MailTasks::send, Mail.WELCOME));
            } while (System.nanoTime() - until < 0);
            sending.awaitAll();
            return sending.stored() / ((System.nanoTime() - start) / 1e9);
        }
    }

    @Override
    public void store(int jobs, int bytes, long delayMillis) {
        Mail mail = Mail.of(bytes);
        Duration delay = Duration.ofMillis(delayMillis);
        try (TaskQueue queue = builder().start()) {
            Sending sending = new Sending(queue, 2000);
            for (int i = 0; i < jobs; i++) {
                Call<Void> call = Call.call(MailTasks::send, mail);
                sending.send(delayMillis > 0 ? call.delay(delay) : call);
            }
            sending.awaitAll();
        }
    }

    @Override
    public double process(Plan plan, int jobs) {
        store(jobs, Mail.BYTES, 0);
        Ends ends = new Ends(jobs);
        TaskQueueBuilder builder = builder()
                .concurrency(plan.concurrency())
                .tasks(new MailTasks(mail -> ends.started()))
                .listener(ends);
        TaskQueue queue = builder.start();
        try (queue) {
            ends.await();
        }
        return jobs / ((ends.lastNanos() - ends.firstNanos()) / 1e9);
    }

    @Override
    public Latency latency(Plan plan) {
        AtomicLong started = new AtomicLong();
        Semaphore ends = new Semaphore(0);
        TaskQueueBuilder builder = builder()
                .concurrency(plan.idleConcurrency())
                .tasks(new MailTasks(mail -> started.set(System.nanoTime())))
                .listener(event -> {
                    if (event instanceof QueueEvent.Succeeded) {
                        ends.release();
                    }
                });
        Histogram histogram = new Histogram();
        try (TaskQueue queue = builder.start()) {
            for (int i = 0; i < plan.unmeasured() + plan.samples(); i++) {
                long before = System.nanoTime();
                queue.enqueue(MailTasks::send, Mail.WELCOME);
                ends.acquireUninterruptibly();
                if (i >= plan.unmeasured()) {
                    histogram.record(started.get() - before);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(plan.pauseMillis()));
            }
        }
        return Latency.of(histogram);
    }

    @Override
    public Features features() {
        return features;
    }

    @Override
    public void close() {
        features.close();
    }

    private TaskQueueBuilder builder() {
        return TaskQueue.builder().broker(Brokers.connect(uri));
    }

    /** Sends with a bounded number of unanswered requests. */
    private static final class Sending {

        private final TaskQueue queue;
        private final int inFlight;
        private final Semaphore room;
        private long stored;
        private volatile @Nullable Throwable failure;

        Sending(TaskQueue queue, int inFlight) {
            this.queue = queue;
            this.inFlight = inFlight;
            this.room = new Semaphore(inFlight);
        }

        void send(Call<Void> call) {
            room.acquireUninterruptibly();
            CompletableFuture<JobHandle<Void>> sent = queue.enqueueAsync(call);
            stored++;
            sent.whenComplete((handle, thrown) -> {
                if (thrown != null) {
                    failure = thrown;
                }
                room.release();
            });
        }

        void awaitAll() {
            room.acquireUninterruptibly(inFlight);
            Throwable thrown = failure;
            if (thrown != null) {
                throw new IllegalStateException("a job was not stored", thrown);
            }
        }

        long stored() {
            return stored;
        }
    }
}
