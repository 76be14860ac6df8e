package io.tidemill.redis.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.broker.Broker;
import io.tidemill.client.Call;
import io.tidemill.conformance.fault.Fault;
import io.tidemill.conformance.fault.FaultProxy;
import io.tidemill.event.QueueEvent;
import io.tidemill.queue.QueueCounts;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.script.ScriptNames;
import io.tidemill.task.Task;
import io.tidemill.task.WorkerOptions;
import io.tidemill.test.Waits;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each request of a worker reaches Redis twice, the second time up to one and a half seconds later. */
class LateCopiesIT {

    private static final String QUEUE = "late-copies";
    private static final int JOBS = 400;
    private static final Set<String> CLAIMING = Set.of("claim", "complete", "enqueue");

    private RedisServer redis;
    private FaultProxy proxy;
    private Broker direct;

    /** What the worker runs. */
    public static final class Tasks {

        private final Set<Integer> ran = ConcurrentHashMap.newKeySet();
        private final AtomicInteger runs = new AtomicInteger();

        @Task(name = "note", queue = QUEUE)
        public void note(int number) {
            ran.add(number);
            runs.incrementAndGet();
        }
    }

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        proxy = FaultProxy.to(redis.port(), ScriptNames.byDigest());
        direct = RedisBroker.connect(redis.uri());
        direct.open();
    }

    @AfterEach
    void stop() {
        direct.close();
        proxy.close();
        redis.close();
    }

    /** Before, they waited 30 s for a lease to end that nobody held, and were charged a lost lease. */
    @Test
    void no_job_is_leased_to_nobody_when_each_claim_comes_once_more() {
        assertThatAllRun(Fault.STRAGGLER, 1);
    }

    @Test
    void no_job_is_leased_to_nobody_when_claims_are_held_back_and_sent_again() {
        assertThatAllRun(Fault.HELD_BACK, 10);
    }

    /** One in so many requests meets the fault. */
    private void assertThatAllRun(Fault fault, int rate) {
        Tasks tasks = new Tasks();
        AtomicInteger requests = new AtomicInteger();
        proxy.plan(name -> CLAIMING.contains(name) && requests.incrementAndGet() % rate == 0 ? fault : Fault.NONE);
        ConcurrentLinkedQueue<QueueEvent> recovered = new ConcurrentLinkedQueue<>();
        try (TaskQueue queue = TaskQueue.builder()
                .broker(RedisBroker.connect(proxy.uri()))
                .tasks(tasks)
                .worker(WorkerOptions.defaults().withConcurrency(10).withPollInterval(Duration.ofMillis(200)))
                .listener(event -> {
                    if (event instanceof QueueEvent.Recovered || event instanceof QueueEvent.Died) {
                        recovered.add(event);
                    }
                })
                .start()) {
            for (int i = 0; i < JOBS; i++) {
                queue.enqueueAsync(Call.named("note", i).queue(QUEUE));
            }
            Waits.until("all have run", () -> tasks.ran.size() == JOBS);
            long sent = sent();
            Waits.until("the copies have come", () -> proxy.count("claim", fault) > 0 && arrived(fault, sent, rate));
            Waits.until(
                    "nothing is held", () -> direct.lists().counts(QUEUE).join().active() == 0);
        }

        QueueCounts counts = direct.lists().counts(QUEUE).join();
        assertThat(counts.succeeded()).isEqualTo(JOBS);
        assertThat(counts.ready() + counts.active() + counts.dead()).isZero();
        assertThat(tasks.runs).hasValue(JOBS);
        assertThat(recovered).as("leases that ended").isEmpty();
    }

    private long sent() {
        return CLAIMING.stream()
                .mapToLong(name -> proxy.count(name, Fault.NONE))
                .sum();
    }

    private boolean arrived(Fault fault, long sent, int rate) {
        long copies =
                CLAIMING.stream().mapToLong(name -> proxy.count(name, fault)).sum();
        return copies >= sent / rate / 2;
    }
}
