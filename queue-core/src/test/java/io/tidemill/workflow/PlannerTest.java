package io.tidemill.workflow;

import static io.tidemill.client.Call.call;
import static io.tidemill.workflow.Workflow.chain;
import static io.tidemill.workflow.Workflow.group;
import static io.tidemill.workflow.Workflow.workflow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.client.Call;
import io.tidemill.client.ClientOptions;
import io.tidemill.message.JsonPayloadCodec;
import io.tidemill.observe.Observers;
import io.tidemill.plan.Argument;
import io.tidemill.plan.FailurePolicy;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanCodec;
import io.tidemill.plan.PlanStep;
import io.tidemill.plan.StepKind;
import io.tidemill.plan.Target;
import io.tidemill.record.Payloads;
import io.tidemill.send.Awaiter;
import io.tidemill.send.Sender;
import io.tidemill.send.StepWriter;
import io.tidemill.task.Task;
import io.tidemill.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlannerTest {

    private static final int MOST_CARRIED = 8 << 10;

    /** Tasks of two queues. */
    static class Tasks {

        @Task(queue = "a")
        public int one(int value) {
            return value;
        }

        @Task(queue = "b")
        public int other(int value) {
            return value;
        }

        @Task(queue = "a")
        public int join(int one, String text, int other) {
            return one + text.length() + other;
        }

        @Task(queue = "a")
        public int sum(List<Integer> all) {
            return all.size();
        }
    }

    private final StepWriter writer = writer();

    private static StepWriter writer() {
        MemoryBroker broker = new MemoryBroker();
        Clock clock = Clock.system();
        Payloads payloads = new Payloads(new JsonPayloadCodec(), null);
        Awaiter awaiter = new Awaiter(broker, null, payloads, clock, Runnable::run);
        return new Sender(
                        broker,
                        Map.of(),
                        Map.of(),
                        List.of(),
                        null,
                        payloads,
                        ClientOptions.defaults(),
                        new Observers(List.of(), List.of(), clock),
                        clock,
                        Runnable::run,
                        awaiter)
                .steps();
    }

    private Plan plan(Workflow<?> workflow) {
        return Planner.plan(workflow, "id", writer);
    }

    @Test
    void a_chain_of_one_queue_is_carried_by_its_first_step() {
        Plan plan = plan(chain(call(Tasks::one, 1)).then(Tasks::one).then(Tasks::one));

        assertThat(plan.waiting()).isEmpty();
        PlanStep first = plan.first().get(0);
        assertThat(first.makes()).singleElement().satisfies(second -> {
            assertThat(second.arguments()).containsExactly(new Argument.Place(0));
            assertThat(second.makes())
                    .singleElement()
                    .satisfies(third -> assertThat(third.isLast()).isTrue());
        });
        assertThat(first.isLast()).isFalse();
        assertThat(plan.steps()).extracting(PlanStep::name).containsExactly("one", "one-2", "one-3");
        assertThat(plan.of("id").jobId(2)).isEqualTo("id:2");
    }

    @Test
    void a_step_of_another_queue_waits_for_the_one_before() {
        Plan plan = plan(chain(call(Tasks::one, 1)).then(Tasks::other));

        assertThat(plan.home()).isEqualTo("a");
        assertThat(plan.first().get(0).fills()).containsExactly(new Target("b", 1, 0));
        assertThat(plan.waiting()).singleElement().satisfies(waiting -> {
            assertThat(waiting.places()).isEqualTo(1);
            assertThat(waiting.isLast()).isTrue();
        });
    }

    @Test
    void a_join_has_a_place_for_each_step_in_the_order_of_its_arguments() {
        Plan plan = plan(workflow("join", w -> {
            Step<Integer> later = w.step(call(Tasks::one, 1));
            Step<Integer> earlier = w.step(call(Tasks::other, 2));
            return w.step(Tasks::join, earlier, w.value("x"), later);
        }));

        PlanStep join = plan.waiting().get(0);
        assertThat(join.arguments().get(0)).isEqualTo(new Argument.Place(0));
        assertThat(join.arguments().get(1)).isInstanceOf(Argument.Constant.class);
        assertThat(join.arguments().get(2)).isEqualTo(new Argument.Place(1));
        assertThat(plan.step(1).orElseThrow().fills()).containsExactly(new Target("a", 2, 0));
        assertThat(plan.step(0).orElseThrow().fills()).containsExactly(new Target("a", 2, 1));
    }

    @Test
    void a_list_is_a_step_only_where_more_than_one_call_takes_it() {
        Workflow<List<Integer>> two = group(call(Tasks::one, 1), call(Tasks::one, 2));
        assertThat(plan(two.then(Tasks::sum)).steps())
                .extracting(PlanStep::kind)
                .containsOnly(StepKind.CALL);
        assertThat(plan(two).steps()).extracting(PlanStep::kind).contains(StepKind.COLLECT);
        assertThat(plan(workflow("twice", w -> {
                            Step<List<Integer>> list = w.all(w.step(call(Tasks::one, 1)), w.step(call(Tasks::one, 2)));
                            return w.all(w.step(Tasks::sum, list), w.step(Tasks::sum, list));
                        }))
                        .steps())
                .extracting(PlanStep::kind)
                .containsExactlyInAnyOrder(
                        StepKind.CALL, StepKind.CALL, StepKind.CALL, StepKind.CALL, StepKind.COLLECT, StepKind.COLLECT);
    }

    @Test
    void a_step_has_another_place_where_it_is_part_of_a_list() {
        Plan plan = plan(workflow("twice", w -> {
            Step<Integer> one = w.step(call(Tasks::one, 1));
            Step<Integer> other = w.step(call(Tasks::one, 2));
            return w.step(Tasks::sum, w.all(one, other)).after(one);
        }));

        PlanStep sum = plan.waiting().get(0);
        assertThat(sum.places()).isEqualTo(3);
        assertThat(IntStream.range(0, 3).filter(place -> !sum.mayMiss(place))).containsExactly(2);
    }

    @Test
    void more_steps_than_a_plan_may_have_are_refused_however_they_are_written() {
        List<Call<Integer>> calls = IntStream.range(0, Plan.MAX_STEPS)
                .mapToObj(i -> call(Tasks::one, 1))
                .toList();
        assertThatThrownBy(() -> plan(group(calls)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("workflow group has 10001 steps, the limit is 10000")
                .hasMessageContaining("map(...)");
        assertThat(PlanCodec.decodePlan(PlanCodec.encode(plan(group(calls.subList(1, calls.size())))))
                        .steps())
                .hasSize(Plan.MAX_STEPS);
    }

    @Test
    void the_last_step_of_a_workflow_with_compensations_has_what_each_of_them_takes() {
        Plan plan = plan(workflow("undone", w -> {
            Step<Integer> one = w.step(call(Tasks::one, 1)).compensateWith(Tasks::one);
            return w.step(Tasks::other, one).compensateWith(call(Tasks::one, 7));
        }));

        assertThat(plan.onFailure()).isEqualTo(FailurePolicy.COMPENSATE);
        PlanStep close = plan.step(2).orElseThrow();
        assertThat(close.kind()).isEqualTo(StepKind.CLOSE);
        assertThat(close.queue()).isEqualTo(plan.home());
        assertThat(close.isLast()).isTrue();
        assertThat(close.places()).isEqualTo(3);
        assertThat(plan.step(0).orElseThrow().fills()).contains(new Target("a", 2, 1, true));
        assertThat(plan.step(1).orElseThrow().fills())
                .containsExactly(new Target("a", 2, 0, false), new Target("a", 2, 2, true));
        assertThat(plan.ends().compensation(0).orElseThrow().place()).isEqualTo(1);
        assertThat(plan.ends().compensation(1).orElseThrow().call().arguments()).isEmpty();
    }

    @Test
    void several_ends_are_joined_by_one_more_step() {
        Plan plan = plan(workflow("ends", w -> {
            w.step(call(Tasks::other, 1));
            Step<Integer> result = w.step(call(Tasks::one, 2));
            w.step(call(Tasks::one, 3));
            return result;
        }));

        PlanStep end = plan.waiting().get(0);
        assertThat(end.kind()).isEqualTo(StepKind.END);
        assertThat(end.isLast()).isTrue();
        assertThat(end.places()).isEqualTo(3);
        assertThat(plan.step(1).orElseThrow().fills()).containsExactly(new Target("a", 3, 0));
    }

    @Test
    void a_long_chain_is_cut_where_its_rest_would_be_too_much_to_carry() {
        Workflow<Integer> chain = chain(call(Tasks::one, 1));
        for (int i = 1; i < 400; i++) {
            chain = chain.then(Tasks::one);
        }
        Plan plan = plan(chain);

        assertThat(plan.steps()).hasSize(400);
        assertThat(plan.waiting()).isNotEmpty();
        plan.steps()
                .forEach(step -> assertThat(
                                step.makes().stream().mapToInt(PlanCodec::size).sum())
                        .isLessThanOrEqualTo(MOST_CARRIED));
    }

    private static Workflow<Integer> wide(int followers) {
        return workflow("wide", w -> {
            Step<Integer> source = w.step(call(Tasks::one, 1));
            return w.step(
                    Tasks::sum,
                    w.all(IntStream.range(0, followers)
                            .mapToObj(i -> w.step(Tasks::one, source))
                            .toList()));
        });
    }

    @Test
    void a_step_carries_64_others_and_fills_places_of_a_thousand() {
        Plan plan = plan(wide(100));
        PlanStep source = plan.first().get(0);
        assertThat(source.makes().size()).isBetween(1, 64);
        assertThat(source.makes().size() + source.fills().size()).isEqualTo(100);

        assertThatThrownBy(() -> plan(wide(1_100)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("step \"one\" is what")
                .hasMessageContaining("the limit is 1000");
    }

    @Test
    void a_plan_that_is_too_large_is_refused() {
        String text = "x".repeat(100_000);
        Workflow<Integer> large = workflow("large", w -> {
            Step<Integer> one = w.step(call(Tasks::one, 1));
            Step<Integer> last = one;
            for (int i = 0; i < 11; i++) {
                last = w.step(Tasks::join, last, w.value(text), one);
            }
            return last;
        });
        assertThatThrownBy(() -> plan(large))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the plan of workflow large has 12 steps")
                .hasMessageContaining("the limit is 1,000,000 bytes");
    }
}
