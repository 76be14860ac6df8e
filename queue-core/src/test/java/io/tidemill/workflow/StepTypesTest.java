package io.tidemill.workflow;

import static io.tidemill.client.Call.call;
import static io.tidemill.workflow.Workflow.chain;
import static io.tidemill.workflow.Workflow.group;
import static io.tidemill.workflow.Workflow.workflow;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.task.Task;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StepTypesTest {

    /** A sealed type. */
    sealed interface Shape permits Circle {}

    /** One of its kinds. */
    record Circle(int radius) implements Shape {}

    /** Tasks whose types fit for the compiler. */
    static class Tasks {

        @Task
        public Circle circle(int radius) {
            return new Circle(radius);
        }

        @Task
        public Shape shape(int radius) {
            return new Circle(radius);
        }

        @Task
        public List<Circle> circles() {
            return List.of();
        }

        @Task
        public List<Shape> shapes() {
            return List.of();
        }

        @Task
        public Map<String, Set<Integer>> numbers() {
            return Map.of();
        }

        @Task
        public Instant now() {
            return Instant.EPOCH;
        }

        @Task
        public int number(int value) {
            return value;
        }

        @Task
        public void draw(Shape shape) {}

        @Task
        public void drawAll(List<? extends Shape> shapes) {}

        @Task
        public void drawEach(Collection<Shape> shapes) {}

        @Task
        public void show(Object any) {}

        @Task
        public void add(Number number) {}

        @Task
        public void addAll(Map<String, ? extends Collection<Integer>> numbers) {}

        @Task
        public int boxed(Integer number) {
            return number;
        }

        @Task
        public void nothing(Void value) {}
    }

    private static void refused(Workflow<?> workflow, String reason) {
        assertThatThrownBy(() -> checked(workflow))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason)
                .hasMessageEndingWith("declare the same type in both");
    }

    private static void accepted(Workflow<?> workflow) {
        assertThatCode(() -> checked(workflow)).doesNotThrowAnyException();
    }

    private static void checked(Workflow<?> workflow) {
        StepTypes.check(workflow.definitions(), StepNaming.names(workflow.definitions()));
    }

    @Test
    void a_value_that_is_declared_as_a_subtype_died_in_the_next_step_or_changed_its_type() {
        refused(chain(call(Tasks::circle, 2)).thenRun(call(Tasks::circle, 1)).then(Tasks::draw), "Shape");
        refused(chain(call(Tasks::now)).then(Tasks::show), "takes java.lang.Object and step \"now\" gives");
        refused(chain(call(Tasks::number, 1)).then(Tasks::add), "takes java.lang.Number");
        refused(chain(call(Tasks::circles)).then(Tasks::drawAll), "Circle");
    }

    @Test
    void so_did_the_elements_of_lists_and_what_branches_give() {
        refused(group(List.of(call(Tasks::circle, 1))).then(Tasks::drawAll), "Circle");
        refused(
                workflow("map", w -> w.map(Tasks::draw, w.step(call(Tasks::circles)))),
                "step \"draw\" takes " + Shape.class.getName());
        refused(
                workflow("first", w -> {
                    Step<Shape> one = w.step(call(Tasks::shape, 1));
                    Step<Circle> other = w.step(call(Tasks::circle, 1));
                    return w.step(Tasks::draw, w.firstOf(one, other));
                }),
                "step \"circle\" gives");
        refused(workflow("mapped", w -> w.step(Tasks::drawAll, w.map(Tasks::circle, numbers(w)))), "Circle");
    }

    private static Step<List<Integer>> numbers(WorkflowBuilder w) {
        return w.all(List.of(w.step(call(Tasks::number, 1)), w.step(Tasks::number, w.step(call(Tasks::number, 2)))));
    }

    @Test
    void the_same_type_a_primitive_and_a_list_as_a_collection_are_taken() {
        accepted(chain(call(Tasks::shape, 1)).then(Tasks::draw));
        accepted(chain(call(Tasks::number, 1)).then(Tasks::boxed).then(Tasks::number));
        accepted(chain(call(Tasks::numbers)).then(Tasks::addAll));
        accepted(workflow("lists", w -> {
            Step<List<Shape>> shapes = w.step(call(Tasks::shapes));
            w.step(Tasks::drawAll, shapes);
            w.map(Tasks::draw, shapes);
            Step<List<Shape>> made = w.map(Tasks::shape, numbers(w));
            w.step(Tasks::drawAll, made);
            w.map(Tasks::draw, made);
            w.step(Tasks::drawAll, w.all(List.of(w.step(call(Tasks::shape, 1)))));
            return w.step(Tasks::nothing, w.step(Tasks::draw, w.step(call(Tasks::shape, 1))));
        }));
    }

    @Test
    void choices_of_a_nested_workflow_were_dropped_without_a_word() {
        Workflow<Integer> nested = chain(call(Tasks::number, 1)).continueOnFailure();

        assertThatThrownBy(() -> workflow("outer", w -> w.include("inner", nested)))
                .hasMessageContaining("cannot be a part of another one with choices of its own");
    }
}
