package io.tidemill.workflow;

import io.tidemill.flow.StepArguments;
import io.tidemill.message.PayloadCodec;
import io.tidemill.plan.StepKind;
import io.tidemill.plan.StepValue;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a value of a workflow is read as: the declared type of what a task returns, or a list of such.
 *
 * <p>Immutable.
 */
sealed interface ValueType {

    /** Not known here. */
    ValueType ANY = new Single(Object.class);

    /** The value; null if there is none. */
    @Nullable
    Object read(PayloadCodec codec, StepValue value);

    /** Of one task. */
    record Single(Type type) implements ValueType {

        @Override
        public @Nullable Object read(PayloadCodec codec, StepValue value) {
            return StepArguments.read(codec, value, type);
        }
    }

    /** Of several, each with a type of its own. */
    record Several(List<ValueType> types) implements ValueType {

        @Override
        public @Nullable Object read(PayloadCodec codec, StepValue value) {
            if (!(value instanceof StepValue.Items list) || list.items().size() != types.size()) {
                return ANY.read(codec, value);
            }
            List<@Nullable Object> read = new ArrayList<>(types.size());
            for (int i = 0; i < types.size(); i++) {
                StepValue item = list.items().get(i);
                if (!item.isSkipped()) {
                    read.add(types.get(i).read(codec, item));
                }
            }
            return Collections.unmodifiableList(read);
        }
    }

    /** Any number of values of one task. */
    record Many(ValueType type) implements ValueType {

        @Override
        public @Nullable Object read(PayloadCodec codec, StepValue value) {
            if (!(value instanceof StepValue.Items list)) {
                return null;
            }
            List<@Nullable Object> read = new ArrayList<>(list.items().size());
            for (StepValue item : list.items()) {
                if (!item.isSkipped()) {
                    read.add(type.read(codec, item));
                }
            }
            return Collections.unmodifiableList(read);
        }
    }

    /** What this workflow ends with. */
    static ValueType of(Workflow<?> workflow) {
        return of(workflow.definitions(), workflow.resultStep());
    }

    private static ValueType of(List<StepDefinition> steps, int step) {
        StepDefinition definition = steps.get(step);
        if (definition.kind().hasTask() || definition.kind() == StepKind.SIGNAL) {
            return definition.declared() == null
                    ? ANY
                    : new Single(definition.declared().resultType());
        }
        if (definition.kind() == StepKind.GIVEN) {
            return new Single(boolean.class);
        }
        List<ValueType> inputs = definition.inputs().stream()
                .flatMapToInt(StepDefinition.Input::sources)
                .mapToObj(source -> of(steps, source))
                .toList();
        if (definition.kind() == StepKind.COLLECT) {
            return new Several(inputs);
        }
        if (definition.kind() == StepKind.MAPPED) {
            return new Many(inputs.get(0));
        }
        return inputs.isEmpty() ? ANY : inputs.get(0);
    }
}
