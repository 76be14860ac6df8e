package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static io.tidemill.workflow.Workflow.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.broker.Broker;
import io.tidemill.broker.WorkflowStore;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.BrokerException;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.test.Waits;
import io.tidemill.workflow.Step;
import io.tidemill.workflow.WorkflowHandle;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A step that could not be done at first, since the broker was away in the middle of it, is done again. */
class RepeatedStepsTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int ELEMENTS = 300;

    /** Tasks that are tried again at once. */
    public static class Numbers {

        final List<Integer> ran = new CopyOnWriteArrayList<>();

        @Task(queue = "numbers")
        public List<Integer> upTo(int most) {
            return IntStream.range(0, most).boxed().toList();
        }

        @Task(queue = "elements", retry = @Retry(delay = "1ms", maxDelay = "1ms"))
        public void see(int number) {
            ran.add(number);
        }

        @Task(queue = "numbers", retry = @Retry(delay = "1ms", maxDelay = "1ms"))
        public int add(int one, int other) {
            return one + other;
        }
    }

    private final Numbers numbers = new Numbers();
    private final MemoryBroker store = new MemoryBroker();

    @Test
    void elements_that_have_ended_are_not_stored_again() throws Exception {
        AtomicInteger stores = new AtomicInteger();
        // The record, the jobs of two queues, the record again, 200 elements, and the rest.
        Broker broker = before("store", () -> {
            if (stores.incrementAndGet() == 6) {
                Waits.until("the first elements have ended", () -> {
                    QueueCounts counts = counts("elements");
                    return counts.ready() == 0 && counts.active() == 1;
                });
                throw away();
            }
        });
        try (TaskQueue queue = TaskQueue.builder().broker(broker).tasks(numbers).start()) {
            WorkflowHandle<?> handle =
                    queue.start(workflow("map", w -> w.map(Numbers::see, w.step(call(Numbers::upTo, ELEMENTS)))));
            handle.await(SOON);
            assertThat(stores.get()).isGreaterThan(6);
            assertThat(numbers.ran).hasSize(ELEMENTS).doesNotHaveDuplicates();
        }
    }

    @Test
    void a_delay_holds_although_the_step_was_begun_before() {
        AtomicInteger reads = new AtomicInteger();
        Broker broker = before("places", () -> {
            if (reads.incrementAndGet() == 1) {
                throw away();
            }
        });
        try (TaskQueue queue = TaskQueue.builder().broker(broker).tasks(numbers).start()) {
            queue.start(workflow("late", w -> {
                Step<Integer> one = w.step(call(Numbers::add, 1, 2));
                Step<Integer> other = w.step(call(Numbers::add, 3, 4));
                return w.step(Numbers::add, one, other).with(options -> options.withDelay(Duration.ofHours(1)));
            }));
            Waits.until("it was read again", () -> reads.get() >= 2);
            Waits.until("it waits for its time", () -> counts("numbers").scheduled() == 1);
            assertThat(counts("numbers").succeeded()).isEqualTo(2);
        }
    }

    private QueueCounts counts(String queue) {
        return store.lists().counts(queue).join();
    }

    private static BrokerException away() {
        return new BrokerException(BrokerException.Outcome.REFUSED, "the broker is away", null);
    }

    /** Before each of these requests this is done; what it throws is its answer. */
    private Broker before(String request, Runnable action) {
        WorkflowStore workflows = (WorkflowStore) Proxy.newProxyInstance(
                WorkflowStore.class.getClassLoader(), new Class<?>[] {WorkflowStore.class}, (proxy, method, given) -> {
                    try {
                        if (method.getName().equals(request)) {
                            action.run();
                        }
                        return method.invoke(store.workflows(), given);
                    } catch (BrokerException e) {
                        return CompletableFuture.failedFuture(e);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return new DelegatingBroker(store) {
            @Override
            public WorkflowStore workflows() {
                return workflows;
            }

            @Override
            public void close() {}
        };
    }
}
