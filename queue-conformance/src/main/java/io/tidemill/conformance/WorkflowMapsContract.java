package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static io.tidemill.workflow.Workflow.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.workflow.Step;
import io.tidemill.workflow.Workflow;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link WorkflowContract}. A step for each element of a list that another step gives. */
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
}
