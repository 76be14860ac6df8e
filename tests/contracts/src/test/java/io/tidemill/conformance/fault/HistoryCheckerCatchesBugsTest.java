package io.tidemill.conformance.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.conformance.DelegatingBroker;
import io.tidemill.conformance.fault.BrokenBrokers.Mutant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A judge that has never found anybody guilty proves nothing: here it has to find planted bugs. */
class HistoryCheckerCatchesBugsTest {

    private static final int SEEDS = 5;
    private static final int INNOCENT_SEEDS = Boolean.getBoolean("tidemill.thorough") ? 200 : 40;

    static List<Mutant> mutants() {
        return BrokenBrokers.all();
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void the_checker_catches(Mutant mutant) {
        long caught = 0;
        for (int seed = 1; seed <= SEEDS && caught == 0; seed++) {
            caught += new Rehearsal(seed, mutant.mutation()).play().count(mutant.caughtAs());
        }

        assertThat(caught).as("%s when %s", mutant.caughtAs(), mutant).isPositive();
    }

    /**
     * Or else the mutants might be caught for what is wrong with the rehearsal. An ordinary build plays a fifth of the
     * rehearsals.
     */
    @Test
    @Tag("thorough")
    void the_checker_finds_nothing_wrong_with_a_broker_that_is_right() {
        for (int seed = 1; seed <= INNOCENT_SEEDS; seed++) {
            Verdict verdict = new Rehearsal(seed, DelegatingBroker::new).play();

            assertThat(verdict.isClean())
                    .as("seed %d:%n%s", seed, verdict.report())
                    .isTrue();
        }
    }

    /** A rehearsal in which nothing goes wrong would find nobody guilty of what happens only then. */
    @Test
    void a_rehearsal_meets_every_kind_of_trouble() {
        Verdict.Figures figures = new Rehearsal(1, DelegatingBroker::new).play().figures();

        assertThat(figures.acknowledged()).isGreaterThan(100);
        assertThat(figures.unknown()).isPositive();
        assertThat(figures.recovered()).isPositive();
        assertThat(figures.dead()).isPositive();
        assertThat(figures.runsAfterFailure()).isPositive();
        assertThat(figures.runsAfterRelease()).isPositive();
        assertThat(figures.runsAfterLease()).isPositive();
        assertThat(figures.stale()).isPositive();
        assertThat(figures.endsUnknown()).isPositive();
        assertThat(figures.steps()).isPositive();
    }

    @Test
    void every_anomaly_is_what_some_mutant_is_caught_as() {
        Set<Anomaly> caught = BrokenBrokers.all().stream().map(Mutant::caughtAs).collect(Collectors.toSet());

        assertThat(caught).isEqualTo(EnumSet.allOf(Anomaly.class));
    }
}
