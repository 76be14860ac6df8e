package io.tidemill.conformance.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which fault a request meets. */
class RandomFaultsTest {

    private static final int RATE = 7;
    private static final List<Fault> KINDS =
            Arrays.stream(Fault.values()).filter(fault -> fault != Fault.NONE).toList();
    private static final List<String> NAMES = List.of("claim", "complete", "fail", "inspect", "queues", "trim");

    private final RandomFaults faults =
            new RandomFaults(7, KINDS, NAMES.stream().collect(Collectors.toMap(Function.identity(), name -> RATE)));

    @Test
    void each_name_meets_the_first_kind_first_and_soon() {
        for (String name : NAMES) {
            assertThat(faultsOf(name, RATE)).as(name).startsWith(KINDS.get(0));
        }
    }

    @Test
    void all_kinds_happen_when_each_of_as_many_names_has_met_two() {
        Set<Fault> met = EnumSet.noneOf(Fault.class);

        NAMES.forEach(name ->
                met.addAll(faultsOf(name, RATE + 2 * RATE - 1).stream().limit(2).toList()));

        assertThat(met).containsExactlyInAnyOrderElementsOf(KINDS);
    }

    @Test
    void one_name_meets_all_kinds_in_turn() {
        assertThat(faultsOf("trim", 2 * RATE * (KINDS.size() + 1)))
                .as("the last name in the alphabet")
                .containsAll(KINDS);
    }

    @Test
    void a_name_without_a_rate_meets_none() {
        assertThat(faultsOf("HELLO", 100)).isEmpty();
    }

    @Test
    void the_same_requests_meet_the_same_faults_whatever_happens_beside_them() {
        RandomFaults others = new RandomFaults(7, KINDS, Map.of("claim", RATE, "complete", RATE));
        RandomFaults again = new RandomFaults(7, KINDS, Map.of("claim", RATE, "complete", RATE));
        for (int i = 0; i < 100; i++) {
            others.next("complete");
            assertThat(others.next("claim")).isEqualTo(again.next("claim"));
        }
    }

    private List<Fault> faultsOf(String name, int requests) {
        return IntStream.range(0, requests)
                .mapToObj(i -> faults.next(name))
                .filter(fault -> fault != Fault.NONE)
                .toList();
    }
}
