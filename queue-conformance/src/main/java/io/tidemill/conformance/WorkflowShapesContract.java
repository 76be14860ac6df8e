package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static io.tidemill.workflow.Workflow.chain;
import static io.tidemill.workflow.Workflow.group;
import static io.tidemill.workflow.Workflow.workflow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.client.Call;
import io.tidemill.queue.WorkflowState;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskSignal;
import io.tidemill.task.WorkerOptions;
import io.tidemill.workflow.Step;
import io.tidemill.workflow.StepProgress;
import io.tidemill.workflow.Workflow;
import io.tidemill.workflow.WorkflowHandle;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link WorkflowContract}. Chains, groups and graphs: what runs when, and with which values. */
public abstract class WorkflowShapesContract extends TaskQueueHarness {

    /** An order of a shop. */
    public record Order(long id, List<Integer> prices) {}

    /** What it costs. */
    public record Price(int cents) {}

    /** What is kept for it. */
    public record Hold(String shelf) {}

    /** Tasks of two queues, which give and take values of different types. */
    public static class Shop {

        final List<String> ran = new CopyOnWriteArrayList<>();
        final AtomicBoolean isBroken = new AtomicBoolean();
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch gate = new CountDownLatch(1);

        @Task(queue = "orders")
        public Order load(long id) {
            ran.add("load " + id);
            return new Order(id, List.of(1, 2, (int) id));
        }

        @Task(queue = "orders")
        public Price price(Order order) {
            ran.add("price " + order.id());
            return new Price(order.prices().stream().mapToInt(Integer::intValue).sum());
        }

        @Task(queue = "stock")
        public Hold reserve(Order order) {
            ran.add("reserve " + order.id());
            return new Hold("shelf " + order.id());
        }

        @Task(queue = "stock", retry = @Retry(maxAttempts = 1))
        public String charge(Price price, Hold hold) {
            if (isBroken.get()) {
                throw new TaskSignal.GiveUp("the card is stolen");
            }
            ran.add("charge " + price.cents());
            return price.cents() + " for " + hold.shelf();
        }

        @Task(queue = "orders")
        public int add(int a, int b) {
            return a + b;
        }

        @Task(queue = "orders")
        public int next(int a) {
            return a + 1;
        }

        @Task(queue = "stock")
        public int nextElsewhere(int a) {
            return a + 1;
        }

        @Task(queue = "orders")
        public CompletionStage<Integer> later(int a) {
            return CompletableFuture.completedFuture(a + 1);
        }

        @Task(queue = "orders")
        public int sum(List<Integer> all) {
            return all.stream().mapToInt(Integer::intValue).sum();
        }

        @Task(queue = "orders")
        @SuppressWarnings("NullAway") // what a task should not do
        public Integer none(int a) {
            return null;
        }

        @Task(queue = "orders", retry = @Retry(maxAttempts = 1))
        public int onlyEven(int a) {
            if (a % 2 != 0 && !isBroken.get()) {
                throw new TaskSignal.GiveUp("odd");
            }
            return a;
        }

        @Task(queue = "stock")
        public void forgetAll(List<Integer> all) {
            ran.add("forget " + all);
        }

        @Task(queue = "orders")
        public List<Integer> upTo(int most) {
            return IntStream.range(0, most).boxed().toList();
        }

        @Task(queue = "orders")
        public boolean isLarge(int a) {
            return a > 100;
        }

        @Task(queue = "stock")
        public String note(String text) {
            ran.add(text);
            return text;
        }

        @Task(queue = "orders")
        public void forget(Price price) {
            ran.add("forget " + price.cents());
        }

        @Task(queue = "orders")
        public void wait_for_gate() throws InterruptedException {
            begun.countDown();
            gate.await();
        }
    }

    final Shop shop = new Shop();

    static Workflow<String> checkout(long id) {
        return workflow("checkout", w -> {
            Step<Order> order = w.step(call(Shop::load, id));
            Step<Price> price = w.step(Shop::price, order);
            Step<Hold> hold = w.step(Shop::reserve, order);
            return w.step(Shop::charge, price, hold);
        });
    }

    @Nested
    class A_chain {

        @Test
        void gives_each_step_what_the_one_before_gave() throws Exception {
            TaskQueue queue = queueWith(shop);
            WorkflowHandle<Price> handle =
                    queue.start(chain(call(Shop::load, 39L)).then(Shop::price));
            assertThat(handle.await(SOON)).isEqualTo(new Price(42));
            assertThat(handle.isNew()).isTrue();
            assertThat(handle.state()).contains(WorkflowState.SUCCEEDED);
        }

        @Test
        void goes_from_queue_to_queue() throws Exception {
            TaskQueue queue = queueWith(shop);
            assertThat(queue.start(chain(call(Shop::next, 1))
                                    .then(Shop::nextElsewhere)
                                    .then(Shop::next)
                                    .then(Shop::nextElsewhere)
                                    .then(Shop::nextElsewhere))
                            .await(SOON))
                    .isEqualTo(6);
        }

        @Test
        void takes_more_arguments_and_stages_and_steps_that_give_nothing() throws Exception {
            TaskQueue queue = queueWith(shop);
            assertThat(queue.start(chain(call(Shop::later, 1))
                                    .then(Shop::add, 5)
                                    .then(Shop::later))
                            .await(SOON))
                    .isEqualTo(8);
            assertThat(queue.start(chain(call(Shop::load, 1L)).then(Shop::price).then(Shop::forget))
                            .await(SOON))
                    .isNull();
            assertThat(queue.start(chain(call(Shop::load, 2L))
                                    .then(Shop::price)
                                    .then(Shop::forget)
                                    .thenRun(call(Shop::note, "over")))
                            .await(SOON))
                    .isEqualTo("over");
            assertThat(shop.ran).endsWith("forget 5", "over");
        }

        @Test
        void may_be_longer_than_what_travels_in_one_record() throws Exception {
            TaskQueue queue = queueWith(shop);
            Workflow<Integer> chain = chain(call(Shop::next, 0));
            for (int i = 1; i < 250; i++) {
                chain = chain.then(Shop::next);
            }
            assertThat(queue.start(chain).await(SOON)).isEqualTo(250);
        }
    }

    @Nested
    class A_group {

        @Test
        void gives_what_its_calls_give_in_their_order() throws Exception {
            TaskQueue queue = queueWith(shop);
            assertThat(queue.start(group(call(Shop::next, 1), call(Shop::nextElsewhere, 2), call(Shop::add, 3, 4)))
                            .await(SOON))
                    .containsExactly(2, 3, 7);
        }

        @Test
        void hands_the_list_to_the_step_behind_it() throws Exception {
            TaskQueue queue = queueWith(shop);
            List<Call<Integer>> calls =
                    IntStream.range(0, 10).mapToObj(i -> call(Shop::next, i)).toList();
            assertThat(queue.start(group(calls).then(Shop::sum)).await(SOON)).isEqualTo(55);
        }

        @Test
        void may_be_larger_than_one_request() throws Exception {
            TaskQueue queue = queueWith(shop);
            List<Call<Integer>> calls = IntStream.range(0, 500)
                    .mapToObj(i -> i % 2 == 0 ? call(Shop::next, i) : call(Shop::nextElsewhere, i))
                    .toList();
            assertThat(queue.start(group(calls).then(Shop::sum)).await(SOON)).isEqualTo(125_250);
        }

        @Test
        void of_no_calls_gives_an_empty_list() throws Exception {
            TaskQueue queue =
                    start(builder(shop).worker(WorkerOptions.defaults().withQueues(Set.of("default", "orders"))));
            assertThat(queue.start(group(Collections.<Call<Integer>>emptyList()).then(Shop::sum))
                            .await(SOON))
                    .isZero();
        }
    }

    @Nested
    class A_graph {

        @Test
        void joins_unlike_results_over_two_queues() throws Exception {
            TaskQueue queue = queueWith(shop);
            WorkflowHandle<String> handle = queue.start(checkout(39));
            assertThat(handle.await(SOON)).isEqualTo("42 for shelf 39");
            assertThat(shop.ran).hasSize(4).startsWith("load 39").endsWith("charge 42");
            assertThat(handle.progress())
                    .extracting(StepProgress::name)
                    .containsExactly("load", "price", "reserve", "charge");
            assertThat(handle.progress()).allMatch(StepProgress::isDone);
            assertThat(handle.result("price", Price.class)).contains(new Price(42));
            assertThatThrownBy(() -> handle.result("prise", Price.class)).hasMessageContaining("has no step \"prise\"");
        }

        @Test
        void ends_when_all_its_steps_have_ended() throws Exception {
            TaskQueue queue = queueWith(shop);
            String result = queue.start(workflow("both", w -> {
                        Step<String> first = w.step(call(Shop::note, "result"));
                        w.step(call(Shop::note, "beside"));
                        w.step(call(Shop::note, "behind")).after(first);
                        return first;
                    }))
                    .await(SOON);
            assertThat(result).isEqualTo("result");
            assertThat(shop.ran).containsExactlyInAnyOrder("result", "beside", "behind");
        }

        private Workflow<String> branching(int value) {
            return workflow("branching", w -> {
                Step<Integer> number = w.step(call(Shop::next, value));
                Step<Boolean> isLarge = w.step(Shop::isLarge, number);
                Step<String> large = w.step(call(Shop::note, "large")).when(isLarge);
                Step<String> more = large.thenRun(call(Shop::note, "very"));
                Step<String> small = w.step(call(Shop::note, "small")).unless(isLarge);
                return w.step(Shop::note, w.firstOf(more, small));
            });
        }

        @Test
        void takes_the_branch_that_a_step_decides_on() throws Exception {
            TaskQueue queue = queueWith(shop);
            assertThat(queue.start(branching(500)).await(SOON)).isEqualTo("very");
            assertThat(shop.ran).containsExactly("large", "very", "very");
            shop.ran.clear();
            assertThat(queue.start(branching(5)).await(SOON)).isEqualTo("small");
            assertThat(shop.ran).containsExactly("small", "small");
        }

        @Test
        void leaves_steps_out_of_lists_that_were_not_run() throws Exception {
            TaskQueue queue = queueWith(shop);
            Workflow<List<Integer>> some = workflow("some", w -> {
                Step<Boolean> no = w.step(call(Shop::isLarge, 1));
                return w.all(
                        w.step(call(Shop::next, 1)),
                        w.step(call(Shop::next, 2)).when(no),
                        w.step(call(Shop::next, 3)).unless(no));
            });
            assertThat(queue.start(some).await(SOON)).containsExactly(2, 4);
            assertThat(queue.start(some.then(Shop::sum)).await(SOON)).isEqualTo(6);
        }

        @Test
        void includes_other_workflows() throws Exception {
            TaskQueue queue = queueWith(shop);
            WorkflowHandle<List<String>> handle = queue.start(workflow(
                    "two", w -> w.all(w.include("one", checkout(1)), w.include("other", checkout(2)))));
            assertThat(handle.await(SOON)).containsExactly("4 for shelf 1", "5 for shelf 2");
            assertThat(handle.progress())
                    .extracting(StepProgress::name)
                    .contains("one/load", "other/load", "one/charge", "other/charge");
        }

        @Test
        void delays_its_first_step_also_if_it_is_started_in_parts() throws Exception {
            TaskQueue queue = queueWith(shop);
            long before = System.nanoTime();
            assertThat(queue.start(chain(call(Shop::next, 1).delay(Duration.ofMillis(200)))
                                    .then(Shop::nextElsewhere))
                            .await(SOON))
                    .isEqualTo(3);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(199));
        }

        @Test
        void delays_a_step_that_has_all_that_it_needs() throws Exception {
            TaskQueue queue = queueWith(shop);
            long before = System.nanoTime();
            assertThat(queue.start(workflow(
                                    "late",
                                    w -> w.step(
                                                    Shop::add,
                                                    w.step(call(Shop::next, 1)),
                                                    w.step(call(Shop::nextElsewhere, 1)))
                                            .with(options -> options.withDelay(Duration.ofMillis(200)))))
                            .await(SOON))
                    .isEqualTo(4);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(199));
        }
    }
}
