package io.tidemill.docs;

import static io.tidemill.client.Call.call;
import static io.tidemill.workflow.Workflow.chain;
import static io.tidemill.workflow.Workflow.group;
import static io.tidemill.workflow.Workflow.workflow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.QueueClient;
import io.tidemill.TaskQueue;
import io.tidemill.docs.ShopTasks.Hold;
import io.tidemill.docs.ShopTasks.Order;
import io.tidemill.docs.ShopTasks.Price;
import io.tidemill.docs.ShopTasks.Receipt;
import io.tidemill.queue.WorkflowState;
import io.tidemill.task.Task;
import io.tidemill.test.TestQueue;
import io.tidemill.workflow.Step;
import io.tidemill.workflow.StepProgress;
import io.tidemill.workflow.Workflow;
import io.tidemill.workflow.WorkflowFailedException;
import io.tidemill.workflow.WorkflowHandle;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Runs the Java of docs/guide-workflows.md, whose text {@link DocumentsTest} compares. */
class WorkflowExamplesTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final ShopTasks tasks = new ShopTasks();
    private final TaskQueue queue = TaskQueue.builder().tasks(tasks).start();

    @AfterEach
    void close() {
        queue.close();
    }

    // region: workflow-checkout
    static Workflow<Receipt> checkout(long id) {
        return workflow("checkout", w -> {
            Step<Order> order = w.step(call(ShopTasks::load, id));
            Step<Price> price = w.step(ShopTasks::price, order);
            Step<Hold> hold = w.step(ShopTasks::reserve, order);
            return w.step(ShopTasks::charge, price, hold);
        });
    }
    // endregion

    @Test
    void chains() throws Exception {
        // region: workflow-chain
        WorkflowHandle<Price> handle = queue.start(
                chain(call(ShopTasks::load, 42L)).then(ShopTasks::price).then(ShopTasks::discount, 20));
        Price price = handle.await(Duration.ofSeconds(20));
        // endregion
        assertThat(price).isEqualTo(new Price(1_200));
    }

    @Test
    void groups() throws Exception {
        // region: workflow-group
        Workflow<List<Order>> both = group(call(ShopTasks::load, 1L), call(ShopTasks::load, 2L));
        Workflow<Price> total = workflow("total", w -> {
            List<Step<Price>> prices = List.of(
                    w.step(ShopTasks::price, w.step(call(ShopTasks::load, 1L))),
                    w.step(ShopTasks::price, w.step(call(ShopTasks::load, 2L))));
            return w.step(ShopTasks::total, w.all(prices));
        });
        // endregion
        assertThat(queue.start(both).await(SOON)).extracting(Order::id).containsExactly(1L, 2L);
        assertThat(queue.start(total).await(SOON)).isEqualTo(new Price(3_000));
    }

    @Test
    void graphs() throws Exception {
        assertThat(queue.start(checkout(42)).await(SOON)).isEqualTo(new Receipt(1_500, "shelf 42"));
        assertThat(checkout(42).describe()).isEqualTo("""
            flowchart TD
                s0["load"]
                s1["price"]
                s2["reserve"]
                s3["charge"]
                s0 --> s1
                s0 --> s2
                s1 --> s3
                s2 --> s3
            """);
    }

    @Test
    void maps() throws Exception {
        // region: workflow-map
        Workflow<Price> month = workflow("month", w -> {
            Step<List<Long>> ids = w.step(call(ShopTasks::ordersOf, "2026-11"));
            Step<List<Order>> orders = w.map(ShopTasks::load, ids);
            return w.step(ShopTasks::total, w.map(ShopTasks::price, orders));
        });
        // endregion
        assertThat(queue.start(month).await(SOON)).isEqualTo(new Price(4_500));
    }

    // region: workflow-add
    public static class Import {
        private final QueueClient queue;

        public Import(QueueClient queue) {
            this.queue = queue;
        }

        @Task(queue = "orders")
        public void importPages(int last) {
            for (int page = 1; page <= last; page++) {
                queue.addStep(call(ShopTasks::archive, (long) page));
            }
        }
    }
    // endregion

    @Test
    void additions() throws Exception {
        try (TestQueue test =
                TestQueue.builder().tasks(tasks).tasks(Import::new).start()) {
            // region: workflow-add-start
            Workflow<Void> all = chain(call(Import::importPages, 3)).thenRun(call(ShopTasks::tell, "all is imported"));
            // endregion
            WorkflowHandle<Void> handle = test.start(all);
            test.runUntilIdle();
            handle.await(Duration.ZERO);
            assertThat(tasks.told).containsExactly("all is imported");
        }
    }

    @Test
    void branches() throws Exception {
        // region: workflow-branch
        Workflow<Price> approved = workflow("approved", w -> {
            Step<Price> price = w.step(ShopTasks::price, w.step(call(ShopTasks::load, 42L)));
            Step<Boolean> isLarge = w.step(ShopTasks::isLarge, price);
            Step<Price> asked = w.step(ShopTasks::ask, price).when(isLarge);
            Step<Price> cheaper = price.then(ShopTasks::discount, 10).unless(isLarge);
            Step<Price> settled = w.firstOf(asked, cheaper);
            w.step(call(ShopTasks::archive, 42L)).after(settled);
            return settled;
        });
        // endregion
        assertThat(queue.start(approved).await(SOON)).isEqualTo(new Price(1_350));
    }

    @Test
    void signals() throws Exception {
        // region: workflow-signal
        Workflow<Price> approved = workflow("approved", w -> {
            Step<Price> price = w.step(ShopTasks::price, w.step(call(ShopTasks::load, 42L)));
            Step<Boolean> answer = w.signal("answer", Boolean.class, Duration.ofDays(7));
            Step<Boolean> isAnswered = w.given(answer);
            w.step(call(ShopTasks::archive, 42L)).unless(isAnswered);
            return price.then(ShopTasks::discount, 10).when(answer);
        });
        WorkflowHandle<Price> handle = queue.start(approved);
        handle.signal("answer", Boolean.class, true);
        // endregion
        assertThat(handle.await(SOON)).isEqualTo(new Price(1_350));
    }

    @Test
    void handles() throws Exception {
        tasks.isBankAway.set(true);
        // region: workflow-handle
        WorkflowHandle<Receipt> handle =
                queue.start(checkout(42).id("checkout:42").keep(Duration.ofDays(7)));
        for (StepProgress step : handle.progress()) {
            System.out.println(step.name() + " is " + step.state());
        }
        // endregion
        assertThatThrownBy(() -> handle.await(SOON)).isInstanceOf(WorkflowFailedException.class);
        tasks.isBankAway.set(false);
        // region: workflow-retry
        WorkflowHandle<Receipt> same = queue.workflow(checkout(42), "checkout:42");
        if (same.state().equals(Optional.of(WorkflowState.FAILED))) {
            same.retry();
        }
        Receipt receipt = same.await(Duration.ofSeconds(20));
        Optional<Price> price = same.result("price", Price.class);
        // endregion
        assertThat(receipt.cents()).isEqualTo(1_500);
        assertThat(price).contains(new Price(1_500));
    }

    @Test
    void compensations() throws Exception {
        tasks.isBankAway.set(true);
        // region: workflow-compensate
        Workflow<Receipt> booking = workflow("booking", w -> {
            Step<Order> order = w.step(call(ShopTasks::load, 42L));
            Step<Hold> hold = w.step(ShopTasks::reserve, order).compensateWith(ShopTasks::release);
            return w.step(ShopTasks::charge, w.step(ShopTasks::price, order), hold);
        });
        try {
            queue.start(booking).await(Duration.ofSeconds(20));
        } catch (WorkflowFailedException e) {
            System.out.println(e.step() + " has failed, undone: " + e.compensation());
        }
        // endregion
        assertThat(tasks.released).containsExactly("shelf 42");
    }

    @Test
    void callbacks() {
        // region: workflow-callback
        Workflow<Receipt> told = checkout(42)
                .onSuccess(call(ShopTasks::tell, "order 42 is paid"))
                .onFailure(call(ShopTasks::tell, "order 42 needs a look"))
                .onCompletion(call(ShopTasks::archive, 42L));
        // endregion
        try (TestQueue test = TestQueue.of(tasks)) {
            test.start(told);
            test.runUntilIdle();
            assertThat(tasks.told).containsExactly("order 42 is paid");
        }
    }

    @Test
    void choicesOfAStep() throws Exception {
        // region: workflow-step
        Workflow<Receipt> careful = workflow("careful", w -> {
            Step<Receipt> receipt = w.include("checkout", checkout(42));
            w.step(call(ShopTasks::archive, 42L).priority(0))
                    .named("archive later")
                    .after(receipt)
                    .with(options -> options.withDelay(Duration.ofDays(30)));
            return receipt;
        });
        // endregion
        try (TestQueue test = TestQueue.of(tasks)) {
            // region: workflow-test
            WorkflowHandle<Receipt> handle = test.start(careful);
            test.runUntilIdle();
            assertThat(handle.state()).contains(WorkflowState.RUNNING);
            test.advance(Duration.ofDays(30));
            assertThat(handle.await(Duration.ZERO).cents()).isEqualTo(1_500);
            // endregion
        }
    }
}
