package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static io.tidemill.workflow.Workflow.chain;
import static io.tidemill.workflow.Workflow.group;
import static io.tidemill.workflow.Workflow.workflow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.admin.Explanation;
import io.tidemill.client.Call;
import io.tidemill.client.TaskRef;
import io.tidemill.event.QueueEvent;
import io.tidemill.message.AesGcmSeal;
import io.tidemill.queue.QueueCounts;
import io.tidemill.queue.WorkflowState;
import io.tidemill.task.JobState;
import io.tidemill.test.Waits;
import io.tidemill.workflow.Step;
import io.tidemill.workflow.StepProgress;
import io.tidemill.workflow.UnknownWorkflowException;
import io.tidemill.workflow.Workflow;
import io.tidemill.workflow.WorkflowBuilder;
import io.tidemill.workflow.WorkflowCancelledException;
import io.tidemill.workflow.WorkflowFailedException;
import io.tidemill.workflow.WorkflowHandle;
import io.tidemill.workflow.WorkflowTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * What a user may rely on of workflows, on every broker that has them. Extend it and say where the broker comes from.
 *
 * <p>It comes in parts, which extend one another: {@link WorkflowShapesContract}, {@link WorkflowMapsContract},
 * {@link WorkflowAddedContract}, {@link WorkflowEndsContract}, {@link WorkflowAdminContract}, and here failures,
 * signals, cancels and handles.
 *
 * <p>Durations are real and short; nothing is asserted to be quick, only to come, or to come after something else.
 */
public abstract class WorkflowContract extends WorkflowAdminContract {

    @Nested
    class A_step_that_dies {

        @Test
        void makes_its_workflow_fail_and_a_retry_lets_the_rest_go_on() throws Exception {
            TaskQueue queue = queueWith(shop);
            shop.isBroken.set(true);
            WorkflowHandle<Price> handle =
                    queue.start(checkout(39).thenRun(call(Shop::load, 7L)).then(Shop::price));
            assertThatThrownBy(() -> handle.await(SOON))
                    .isInstanceOfSatisfying(WorkflowFailedException.class, failed -> {
                        assertThat(failed.step()).isEqualTo("charge");
                        assertThat(failed.failure()).isNotNull();
                    })
                    .hasMessageContaining("step \"charge\"")
                    .hasMessageContaining("is dead")
                    .hasMessageContaining("the card is stolen");
            assertThat(handle.state()).contains(WorkflowState.FAILED);
            assertThat(handle.progress())
                    .filteredOn(step -> step.name().equals("charge"))
                    .extracting(StepProgress::state)
                    .containsExactly(JobState.DEAD);

            shop.isBroken.set(false);
            assertThat(handle.retry()).isEqualTo(1);

            assertThat(handle.await(SOON)).isEqualTo(new Price(10));
            assertThatThrownBy(handle::retry)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has not failed, it is SUCCEEDED");
        }

        @Test
        void lets_the_workflow_succeed_when_an_operator_redrives_it() throws Exception {
            TaskQueue queue = queueWith(shop);
            shop.isBroken.set(true);
            WorkflowHandle<String> handle = queue.start(checkout(39));
            assertThatThrownBy(() -> handle.await(SOON)).isInstanceOf(WorkflowFailedException.class);

            shop.isBroken.set(false);
            queue.admin().redrive("stock", handle.id() + ":3");

            Waits.until("it has succeeded", () -> handle.state().equals(Optional.of(WorkflowState.SUCCEEDED)));
            assertThat(handle.await(SOON)).isEqualTo("42 for shelf 39");
        }

        @Test
        void is_left_out_where_the_workflow_goes_on_without_it() throws Exception {
            TaskQueue queue = queueWith(shop);
            shop.isBroken.set(true);
            assertThat(queue.start(workflow(
                                            "without",
                                            w -> w.all(
                                                    w.include("dies", checkout(39)),
                                                    w.include("dies too", checkout(39))
                                                            .then(Shop::note),
                                                    w.step(call(Shop::note, "fine"))))
                                    .continueOnFailure())
                            .await(SOON))
                    .containsExactly("fine");
            assertThat(queue.start(checkout(39).continueOnFailure()).await(SOON))
                    .isNull();
            assertThat(queue.start(workflow("default", w -> {
                                        Step<String> dies = w.include("dies", checkout(39));
                                        Step<Boolean> isGiven = w.given(dies);
                                        Step<String> other = w.step(call(Shop::note, "other"))
                                                .unless(isGiven);
                                        return w.step(Shop::note, w.firstOf(dies, other));
                                    })
                                    .continueOnFailure())
                            .await(SOON))
                    .isEqualTo("other");
        }

        @Test
        void may_be_one_element_of_a_map() throws Exception {
            TaskQueue queue = queueWith(shop);
            WorkflowHandle<List<Integer>> handle =
                    queue.start(workflow("elements", w -> w.map(Shop::onlyEven, w.step(call(Shop::upTo, 5)))));
            assertThatThrownBy(() -> handle.await(SOON)).isInstanceOf(WorkflowFailedException.class);
            Waits.until("both are dead", () -> queue.admin().counts("orders").dead() == 2);
            shop.isBroken.set(true);
            assertThat(handle.retry()).isEqualTo(2);
            assertThat(handle.await(SOON)).containsExactly(0, 1, 2, 3, 4);
            shop.isBroken.set(false);
            assertThat(queue.start(workflow("elements", w -> w.map(Shop::onlyEven, w.step(call(Shop::upTo, 5))))
                                    .continueOnFailure())
                            .await(SOON))
                    .containsExactly(0, 2, 4);
        }

        @Test
        void may_die_of_a_null_that_its_task_does_not_take() {
            TaskQueue queue = queueWith(shop);
            WorkflowHandle<Integer> handle =
                    queue.start(chain(call(Shop::none, 1)).then(Shop::next));
            assertThatThrownBy(() -> handle.await(SOON))
                    .isInstanceOf(WorkflowFailedException.class)
                    .hasMessageContaining("argument 0 is null but the task takes int");
        }

        @Test
        void leaves_the_steps_behind_it_waiting() throws Exception {
            TaskQueue queue = queueWith(shop);
            shop.isBroken.set(true);
            WorkflowHandle<Integer> handle = queue.start(workflow("waits", w -> {
                Step<String> dead = w.include("checkout", checkout(39));
                return w.step(call(Shop::next, 1)).after(dead);
            }));
            assertThatThrownBy(() -> handle.await(SOON)).isInstanceOf(WorkflowFailedException.class);
            assertThat(handle.progress())
                    .filteredOn(step -> step.name().equals("next"))
                    .extracting(StepProgress::state)
                    .containsExactly(JobState.WAITING);
            Explanation why = queue.admin().explain("orders", handle.id() + ":4");
            assertThat(why).isEqualTo(new Explanation.WaitsForSteps(handle.id(), 1, List.of("checkout/charge")));
            assertThat(why.text()).isEqualTo("waits for 1 value of workflow " + handle.id() + ", from checkout/charge");
        }
    }

    @Nested
    class A_signal {

        private Workflow<String> approval(Duration longest) {
            return workflow("approval", w -> {
                Step<String> answer = w.signal("answer", String.class, longest);
                Step<Boolean> isGiven = w.given(answer);
                Step<String> late = w.step(call(Shop::note, "nobody answered")).unless(isGiven);
                return w.step(Shop::note, w.firstOf(answer, late));
            });
        }

        @Test
        void brings_a_value_from_outside() throws Exception {
            TaskQueue queue = queueWith(shop);
            WorkflowHandle<String> handle = queue.start(approval(Duration.ofHours(1)));
            assertThat(queueWith().workflow("stock", handle.id()).signal("answer", String.class, "yes"))
                    .isTrue();
            assertThat(handle.signal("answer", String.class, "no")).isFalse();
            assertThatThrownBy(() -> handle.signal("question", String.class, "?"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no step that waits for signal \"question\"; there are: answer");
            assertThatThrownBy(() -> handle.signal("answer", Boolean.class, true))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is declared as String, and was sent as Boolean");
            assertThat(handle.await(SOON)).isEqualTo("yes");
            assertThat(shop.ran).containsExactly("yes");
        }

        @Test
        void that_does_not_come_in_time_leaves_the_other_branch() throws Exception {
            TaskQueue queue = queueWith(shop);
            WorkflowHandle<String> handle = queue.start(approval(Duration.ofMillis(100)));
            assertThat(handle.await(SOON)).isEqualTo("nobody answered");
            assertThat(handle.signal("answer", String.class, "yes")).isFalse();
        }

        @Test
        void reaches_every_step_that_waits_for_it() throws Exception {
            TaskQueue queue = queueWith(shop);
            WorkflowHandle<Integer> handle = queue.start(workflow(
                    "two",
                    w -> w.step(
                            Shop::add,
                            w.signal("number", Integer.class, Duration.ofHours(1)),
                            w.signal("number", Integer.class, Duration.ofHours(2)))));
            assertThat(handle.signal("number", Integer.class, 21)).isTrue();
            assertThat(handle.await(SOON)).isEqualTo(42);
        }
    }

    @Nested
    class A_cancel {

        @Test
        void ends_the_steps_that_run_and_those_that_wait() throws Exception {
            TaskQueue queue = queueWith(shop);
            WorkflowHandle<String> handle = queue.start(workflow("long", w -> {
                Step<?> held = w.step(call(Shop::wait_for_gate));
                return w.step(call(Shop::note, "never")).after(held);
            }));
            shop.begun.await();
            assertThat(handle.cancel()).isTrue();
            events.await(QueueEvent.Cancelled.class, 1);
            assertThatThrownBy(() -> handle.await(SOON)).isInstanceOf(WorkflowCancelledException.class);
            assertThat(handle.state()).contains(WorkflowState.CANCELLED);
            assertThat(handle.cancel()).isFalse();
            Waits.until("nothing is left", () -> {
                QueueCounts orders = queue.admin().counts("orders");
                QueueCounts stock = queue.admin().counts("stock");
                return left(orders) + left(stock) == 0;
            });
            assertThat(shop.ran).isEmpty();
        }

        private static long left(QueueCounts counts) {
            return counts.ready() + counts.scheduled() + counts.waiting() + counts.active();
        }

        @Test
        void of_a_workflow_that_has_ended_changes_nothing() throws Exception {
            TaskQueue queue = queueWith(shop);
            WorkflowHandle<String> handle = queue.start(checkout(1));
            handle.await(SOON);
            assertThat(handle.cancel()).isFalse();
            assertThat(handle.await(SOON)).isEqualTo("4 for shelf 1");
        }
    }

    @Nested
    class A_handle_of_a_workflow {

        @Test
        void is_found_again_by_its_id() throws Exception {
            TaskQueue queue = queueWith(shop);
            queue.start(checkout(39).id("checkout 39")).await(SOON);
            assertThat(queueWith().workflow(checkout(39), "checkout 39").await(SOON))
                    .isEqualTo("42 for shelf 39");
            assertThat(queueWith().workflow("orders", "checkout 39").await(SOON))
                    .isEqualTo("42 for shelf 39");
        }

        @Test
        void says_that_a_workflow_with_its_id_is_there() throws Exception {
            TaskQueue queue = queueWith(shop);
            WorkflowHandle<String> first = queue.start(checkout(39).id("once"));
            WorkflowHandle<String> second = queue.start(checkout(39).id("once"));
            assertThat(first.isNew()).isTrue();
            assertThat(second.isNew()).isFalse();
            assertThat(second.await(SOON)).isEqualTo("42 for shelf 39");
            assertThat(shop.ran).hasSize(4);
        }

        @Test
        void may_have_an_id_that_an_earlier_workflow_had() throws Exception {
            TaskQueue queue = queueWith(shop);
            WorkflowHandle<String> first = queue.start(checkout(39).id("again").keep(Duration.ofMillis(1)));
            events.await(QueueEvent.Succeeded.class, 4);
            Waits.until("the first is forgotten", () -> first.state().isEmpty());

            // The results of its steps are still kept.
            assertThat(queue.start(checkout(39).id("again")).await(SOON)).isEqualTo("42 for shelf 39");
            assertThat(shop.ran).hasSize(8);
        }

        @Test
        void of_a_workflow_that_never_was_says_so() {
            WorkflowHandle<?> handle = queueWith(shop).workflow("orders", "nothing");
            assertThat(handle.state()).isEmpty();
            assertThatThrownBy(() -> handle.await(SOON)).isInstanceOf(UnknownWorkflowException.class);
            assertThatThrownBy(handle::progress).isInstanceOf(UnknownWorkflowException.class);
        }

        @Test
        void waits_no_longer_than_it_is_asked_to() {
            WorkflowHandle<String> handle = queueWith().start(checkout(39));
            assertThatThrownBy(() -> handle.await(Duration.ofMillis(1))).isInstanceOf(WorkflowTimeoutException.class);
            assertThat(handle.progress()).extracting(StepProgress::state).contains(JobState.READY);
        }
    }

    @Nested
    class A_definition {

        @Test
        void is_sealed_with_the_key_of_its_jobs() throws Exception {
            AesGcmSeal seal = AesGcmSeal.of("key", new SecretKeySpec(new byte[32], "AES"));
            TaskQueue queue = start(builder(shop).seal(seal));
            WorkflowHandle<String> handle = queue.start(checkout(39));
            assertThat(handle.await(SOON)).isEqualTo("42 for shelf 39");
            assertThat(queue.start(group(call(Shop::next, 1), call(Shop::nextElsewhere, 2)))
                            .await(SOON))
                    .containsExactly(2, 3);
        }

        @Test
        void that_is_wrong_is_refused_before_anything_is_stored() {
            TaskQueue queue = queueWith(shop);
            assertThatThrownBy(() -> workflow("twice", w -> {
                                w.step(call(Shop::next, 1)).named("a");
                                return w.step(call(Shop::next, 2)).named("a");
                            })
                            .describe())
                    .hasMessageContaining("two steps have the name \"a\"");
            assertThatThrownBy(() -> queue.start(chain(call(Shop::next, 1).unique("key"))))
                    .hasMessageContaining("step \"next\" of a workflow cannot have a unique key");
            assertThatThrownBy(() -> queue.start(chain(Call.named("nexd", 1))))
                    .hasMessageContaining("did you mean \"next\"");
            WorkflowBuilder[] kept = new WorkflowBuilder[1];
            workflow("kept", w -> {
                kept[0] = w;
                return w.step(call(Shop::next, 1));
            });
            assertThatThrownBy(() -> kept[0].step(call(Shop::next, 1))).isInstanceOf(IllegalStateException.class);
            assertThat(TaskRef.task(Shop::next).name()).isEqualTo("next");
        }
    }
}
