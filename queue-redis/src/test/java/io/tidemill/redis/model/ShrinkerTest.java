package io.tidemill.redis.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.redis.model.Operation.Advance;
import io.tidemill.redis.model.Operation.Cancel;
import io.tidemill.redis.model.Operation.Enqueue;
import io.tidemill.redis.model.Operation.Twice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShrinkerTest {

    @Test
    void what_does_not_matter_is_left_out_and_what_does_keeps_its_order() {
        List<Operation> failing = Generator.operations(1, 40);
        Operation first = failing.get(7);
        Operation second = failing.get(31);

        List<Operation> shortest = new Shrinker(some -> isInOrder(some, first, second)).shrink(failing);

        assertThat(shortest).containsExactly(first, second);
    }

    @Test
    void an_operation_that_stays_is_made_as_simple_as_it_can_be() {
        List<Operation> sequence = Generator.operations(2, 60);
        Enqueue large = sequence.stream()
                .filter(it -> it instanceof Enqueue enqueue && enqueue.jobs().size() > 2)
                .map(Enqueue.class::cast)
                .findFirst()
                .orElseThrow();
        Operation.Job wanted = large.jobs().get(1);

        List<Operation> shortest = new Shrinker(some -> some.stream()
                        .map(it -> it instanceof Twice twice ? twice.operation() : it)
                        .anyMatch(it ->
                                it instanceof Enqueue enqueue && enqueue.jobs().contains(wanted)))
                .shrink(List.of(new Advance(1), new Twice(large), new Cancel("j1")));

        assertThat(shortest).containsExactly(new Enqueue(List.of(wanted)));
    }

    @Test
    void a_seed_makes_the_same_sequence_every_time() {
        assertThat(Generator.operations(42, 100)).isEqualTo(Generator.operations(42, 100));
        assertThat(Generator.operations(42, 100)).isNotEqualTo(Generator.operations(43, 100));
    }

    private static boolean isInOrder(List<Operation> some, Operation first, Operation second) {
        List<Operation> rest = new ArrayList<>(some);
        int at = rest.indexOf(first);
        return at >= 0 && rest.subList(at + 1, rest.size()).contains(second);
    }
}
