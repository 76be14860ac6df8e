package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static io.tidemill.workflow.Workflow.group;
import static io.tidemill.workflow.Workflow.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.client.Call;
import io.tidemill.workflow.Step;
import io.tidemill.workflow.Workflow;
import io.tidemill.workflow.WorkflowHandle;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Part of the {@link WorkflowContract}. A step for each element of a list that another step gives; groups of no calls,
 * and starts at the same time.
 */
public abstract class WorkflowMapsContract extends WorkflowShapesContract {

    @Nested
    class A_map {

        private Workflow<Integer> sumOfNexts(int most) {
            return workflow("map", w -> {
                Step<List<Integer>> numbers = w.step(call(Shop::upTo, most));
                return w.step(Shop::sum, w.map(Shop::nextElsewhere, numbers));
            });
        }

        @Test
        void runs_a_task_for_each_element_and_gives_what_they_give_in_their_order() throws Exception {
            TaskQueue queue = queueWith(shop);
            assertThat(queue.start(workflow("map", w -> w.map(Shop::next, w.step(call(Shop::upTo, 5)))))
                            .await(SOON))
                    .containsExactly(1, 2, 3, 4, 5);
            assertThat(queue.start(sumOfNexts(7)).await(SOON)).isEqualTo(28);
        }

        @Test
        void of_an_empty_list_gives_one() throws Exception {
            TaskQueue queue = queueWith(shop);
            assertThat(queue.start(sumOfNexts(0)).await(SOON)).isZero();
        }

        @Test
        void stores_more_elements_than_fit_one_request() throws Exception {
            TaskQueue queue = queueWith(shop);
            assertThat(queue.start(sumOfNexts(1_500)).await(SOON)).isEqualTo(1_500 * 1_501 / 2);
        }

        @Test
        void takes_the_list_of_several_steps_and_of_another_map() throws Exception {
            TaskQueue queue = queueWith(shop);
            assertThat(queue.start(workflow("maps", w -> {
                                Step<List<Integer>> two =
                                        w.all(w.step(call(Shop::next, 1)), w.step(call(Shop::nextElsewhere, 5)));
                                return w.map(Shop::nextElsewhere, w.map(Shop::next, two));
                            }))
                            .await(SOON))
                    .containsExactly(4, 8);
        }

        @Test
        void that_is_not_run_gives_nothing_to_the_steps_behind_it() throws Exception {
            TaskQueue queue = queueWith(shop);
            assertThat(queue.start(workflow("maybe", w -> {
                                Step<Boolean> no = w.step(call(Shop::isLarge, 1));
                                Step<List<Integer>> numbers = w.step(call(Shop::upTo, 3));
                                Step<Integer> sum = w.step(
                                        Shop::sum, w.map(Shop::next, numbers).when(no));
                                return w.firstOf(sum, w.step(call(Shop::next, 41)));
                            }))
                            .await(SOON))
                    .isEqualTo(42);
        }
    }

    @Nested
    class A_group_of_no_calls {

        @Test
        void ends_although_no_worker_serves_the_queue_default() throws Exception {
            TaskQueue queue = queueWith(shop);
            Workflow<List<Integer>> none =
                    group(Collections.<Call<Integer>>emptyList()).id("none");
            assertThat(queue.start(none).await(SOON)).isEmpty();
            WorkflowHandle<List<Integer>> again = queue.start(none);
            assertThat(again.isNew()).isFalse();
            assertThat(again.await(SOON)).isEmpty();
        }
    }

    @Nested
    class Many_starts_with_one_id {

        @Test
        void over_two_queues_at_the_same_time_start_one_workflow() throws Exception {
            TaskQueue queue = queueWith(shop);
            Workflow<List<Integer>> same =
                    group(call(Shop::next, 1), call(Shop::nextElsewhere, 2)).id("same");
            CountDownLatch together = new CountDownLatch(1);
            ExecutorService starters = Executors.newFixedThreadPool(8);
            try {
                List<Future<WorkflowHandle<List<Integer>>>> starts = IntStream.range(0, 8)
                        .mapToObj(i -> starters.submit(() -> {
                            together.await();
                            return queue.start(same);
                        }))
                        .toList();
                together.countDown();
                int isNew = 0;
                for (Future<WorkflowHandle<List<Integer>>> start : starts) {
                    isNew += start.get().isNew() ? 1 : 0;
                    assertThat(start.get().await(SOON)).containsExactly(2, 3);
                }
                assertThat(isNew).isEqualTo(1);
            } finally {
                starters.shutdownNow();
            }
        }
    }
}
