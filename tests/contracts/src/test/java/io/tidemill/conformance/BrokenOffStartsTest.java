package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static io.tidemill.workflow.Workflow.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.broker.Broker;
import io.tidemill.broker.WorkflowStore;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.conformance.WorkflowShapesContract.Hold;
import io.tidemill.conformance.WorkflowShapesContract.Order;
import io.tidemill.conformance.WorkflowShapesContract.Price;
import io.tidemill.conformance.WorkflowShapesContract.Shop;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.BrokerException;
import io.tidemill.test.FakeClock;
import io.tidemill.test.Waits;
import io.tidemill.workflow.Step;
import io.tidemill.workflow.Workflow;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The process that starts a workflow dies at any request of the start; the same start by another process finishes it.
 */
class BrokenOffStartsTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Set<String> REQUESTS = Set.of("store", "fill");
    private static final int MORE_THAN_A_START_HAS = 20;

    /** The record, the jobs of two queues, the record again, and what starts the first steps of two queues. */
    private static final int REQUESTS_OF_A_START = 6;

    private static Workflow<String> checkout() {
        return workflow("checkout", w -> {
                    Step<Order> order = w.step(call(Shop::load, 39L));
                    Step<Price> price = w.step(Shop::price, order);
                    Step<Hold> hold = w.step(Shop::reserve, order);
                    w.step(call(Shop::note, "beside"));
                    return w.step(Shop::charge, price, hold);
                })
                .id("checkout");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void are_finished_by_the_next_one_and_nothing_runs_twice(boolean isExecuted) throws Exception {
        int broken = 0;
        for (int at = 1; at < MORE_THAN_A_START_HAS; at++) {
            Shop shop = new Shop();
            MemoryBroker store = new MemoryBroker();
            try (TaskQueue worker =
                            TaskQueue.builder().broker(kept(store)).tasks(shop).start();
                    TaskQueue dying = TaskQueue.builder()
                            .broker(breaking(store, at, isExecuted))
                            .start()) {
                broken += breaks(dying) ? 1 : 0;
                assertThat(worker.start(checkout()).await(SOON))
                        .as("broken off at request %d", at)
                        .isEqualTo("42 for shelf 39");
                assertThat(shop.ran).as("broken off at request %d", at).hasSize(5);
            }
        }
        assertThat(broken).isEqualTo(REQUESTS_OF_A_START);
    }

    @Test
    void are_finished_after_a_minute_if_nobody_starts_them_again() throws Exception {
        for (int at = 2; at <= REQUESTS_OF_A_START; at++) {
            Shop shop = new Shop();
            FakeClock clock = new FakeClock();
            MemoryBroker store = new MemoryBroker(clock);
            try (TaskQueue dying =
                    TaskQueue.builder().broker(breaking(store, at, true)).start()) {
                assertThat(breaks(dying)).isTrue();
            }
            clock.advance(Duration.ofMinutes(2));
            try (TaskQueue worker =
                    TaskQueue.builder().broker(kept(store)).tasks(shop).start()) {
                assertThat(worker.workflow(checkout(), "checkout").await(SOON))
                        .as("broken off at request %d", at)
                        .isEqualTo("42 for shelf 39");
                assertThat(shop.ran).as("broken off at request %d", at).hasSize(5);
            }
        }
    }

    @Test
    void that_are_only_slow_run_nothing_twice_when_another_takes_them_over() throws Exception {
        for (int request = 2; request <= REQUESTS_OF_A_START; request++) {
            int at = request;
            Shop shop = new Shop();
            MemoryBroker store = new MemoryBroker();
            try (TaskQueue worker =
                    TaskQueue.builder().broker(kept(store)).tasks(shop).start()) {
                Runnable meanwhile = () -> {
                    try {
                        assertThat(worker.start(checkout()).await(SOON)).isEqualTo("42 for shelf 39");
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                };
                try (TaskQueue slow =
                        TaskQueue.builder().broker(held(store, at, meanwhile)).start()) {
                    assertThat(slow.start(checkout()).await(SOON))
                            .as("slow at request %d", at)
                            .isEqualTo("42 for shelf 39");
                }
                for (String queue : List.of("orders", "stock")) {
                    Waits.until("nothing is left of the slow start at request " + at, () -> {
                        QueueCounts counts = worker.admin().counts(queue);
                        return counts.waiting() + counts.ready() + counts.active() + counts.scheduled() == 0;
                    });
                }
                assertThat(shop.ran).as("slow at request %d", at).hasSize(5);
            }
        }
    }

    private static boolean breaks(TaskQueue dying) {
        try {
            dying.start(checkout());
            return false;
        } catch (BrokerException e) {
            return true;
        }
    }

    /** The store is the test's, and outlives the queues over it. */
    private static Broker kept(MemoryBroker store) {
        return new DelegatingBroker(store) {
            @Override
            public void close() {}
        };
    }

    /** From this request on nothing is answered; the first of those may be executed. */
    private static Broker breaking(MemoryBroker store, int at, boolean isExecuted) {
        AtomicInteger requests = new AtomicInteger();
        WorkflowStore workflows = (WorkflowStore) Proxy.newProxyInstance(
                WorkflowStore.class.getClassLoader(),
                new Class<?>[] {WorkflowStore.class},
                (proxy, method, arguments) -> {
                    int number = REQUESTS.contains(method.getName()) ? requests.incrementAndGet() : requests.get();
                    if (number == at && isExecuted && REQUESTS.contains(method.getName())) {
                        invoke(store.workflows(), method, arguments);
                    }
                    return number < at ? invoke(store.workflows(), method, arguments) : died();
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

    /** Before this request the other thing is done. */
    private static Broker held(MemoryBroker store, int at, Runnable meanwhile) {
        AtomicInteger requests = new AtomicInteger();
        WorkflowStore workflows = (WorkflowStore) Proxy.newProxyInstance(
                WorkflowStore.class.getClassLoader(),
                new Class<?>[] {WorkflowStore.class},
                (proxy, method, arguments) -> {
                    if (REQUESTS.contains(method.getName()) && requests.incrementAndGet() == at) {
                        meanwhile.run();
                    }
                    return invoke(store.workflows(), method, arguments);
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

    private static Object invoke(WorkflowStore store, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(store, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static CompletableFuture<Object> died() {
        return CompletableFuture.failedFuture(
                new BrokerException(BrokerException.Outcome.UNKNOWN, "the process has died", null));
    }
}
