package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static io.tidemill.workflow.Workflow.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.broker.Broker;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.Completion;
import io.tidemill.broker.Fill;
import io.tidemill.broker.Followers;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowMember;
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
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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

        @Task(queue = "numbers", retry = @Retry(maxAttempts = 1))
        public int addOnce(int one, int other) {
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

    @Test
    void a_step_whose_values_came_late_had_spent_its_only_attempt() throws Exception {
        AtomicInteger reads = new AtomicInteger();
        Broker broker = before("places", () -> {
            if (reads.incrementAndGet() == 1) {
                throw away();
            }
        });
        try (TaskQueue queue = TaskQueue.builder().broker(broker).tasks(numbers).start()) {
            WorkflowHandle<Integer> handle = queue.start(workflow("sum", w -> {
                Step<Integer> one = w.step(call(Numbers::addOnce, 1, 2));
                Step<Integer> other = w.step(call(Numbers::addOnce, 3, 4));
                return w.step(Numbers::addOnce, one, other);
            }));

            assertThat(handle.await(SOON)).isEqualTo(10);
            assertThat(reads.get()).isEqualTo(2);
        }
    }

    @Test
    void one_value_that_was_refused_kept_all_others_of_its_page() {
        WorkflowMember member = new WorkflowMember("flow", "home", 1);
        for (String id : List.of("first", "damaged", "last")) {
            WorkflowJob job = new WorkflowJob(NewJob.now(id, new byte[0], 4), member, 1);
            store.workflows().store("elsewhere", null, List.of(job)).join();
        }
        List<Fill> fills = Stream.of("first", "damaged", "last")
                .map(id -> new Fill("elsewhere", id, 0, new byte[] {1}))
                .toList();
        WorkflowJob source = new WorkflowJob(NewJob.now("source", new byte[0], 4), member, WorkflowJob.NONE);
        store.workflows().store("numbers", null, List.of(source)).join();
        store.claim("numbers", new ClaimRequest("w", "w:1", 1, 60_000)).join();
        Completion.Succeeded done = new Completion.Succeeded("source", "w:1", null, 0);
        store.complete("numbers", List.of(done.following(new Followers(List.of(), fills))), null)
                .join();
        Broker broker = answering((request, given) -> {
            if (request.equals("fill") && String.valueOf(given[1]).contains("damaged")) {
                throw away();
            }
        });

        try (TaskQueue queue = TaskQueue.builder().broker(broker).tasks(numbers).start()) {
            Waits.until("the others are ready", () -> counts("elsewhere").ready() == 2);
            Waits.until(
                    "one message is left",
                    () -> store.workflows().outbox("numbers", 10).join().size() == 1);
        }
        assertThat(counts("elsewhere").waiting()).isEqualTo(1);
    }

    private QueueCounts counts(String queue) {
        return store.lists().counts(queue).join();
    }

    private static BrokerException away() {
        return new BrokerException(BrokerException.Outcome.REFUSED, "the broker is away", null);
    }

    /** Before each of these requests this is done; what it throws is its answer. */
    private Broker before(String request, Runnable action) {
        return answering((name, given) -> {
            if (name.equals(request)) {
                action.run();
            }
        });
    }

    /** Before each request this is done, with its name and its arguments. */
    private Broker answering(BiConsumer<String, Object[]> action) {
        WorkflowStore workflows = (WorkflowStore) Proxy.newProxyInstance(
                WorkflowStore.class.getClassLoader(), new Class<?>[] {WorkflowStore.class}, (proxy, method, given) -> {
                    try {
                        action.accept(method.getName(), given);
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
