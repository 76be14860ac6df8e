package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.tidemill.broker.Broker;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.test.FakeClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** A contract that cannot fail proves nothing: here it runs against brokers that are wrong, and must say so. */
class BrokerContractCatchesBugsTest {

    /** What makes the broker of the contract that runs at the moment wrong. */
    private static Function<Broker, Broker> mutation = DelegatingBroker::new;

    static List<Mutants.Mutant> mutants() {
        return Stream.concat(Mutants.all().stream(), WorkflowMutants.all().stream())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void the_contract_catches(Mutants.Mutant mutant) {
        Outcome outcome = runAgainst(mutant.mutation(), mutant.caughtBy()::equals);

        assertThat(outcome.failed).as("tests that fail when %s", mutant).contains(mutant.caughtBy());
    }

    /** Or else the mutants might be caught for what is wrong with the way they are run. */
    @Test
    void the_contract_finds_nothing_wrong_with_a_broker_that_is_right() {
        Outcome outcome = runAgainst(DelegatingBroker::new, test -> true);

        assertThat(outcome.failed).isEmpty();
        assertThat(outcome.passed.get()).isGreaterThan(100);
    }

    private static Outcome runAgainst(Function<Broker, Broker> wrong, Predicate<String> tests) {
        mutation = wrong;
        PostDiscoveryFilter chosen = each -> FilterResult.includedIf(each.getSource()
                .filter(org.junit.platform.engine.support.descriptor.MethodSource.class::isInstance)
                .map(org.junit.platform.engine.support.descriptor.MethodSource.class::cast)
                .map(source -> tests.test(source.getMethodName()))
                .orElse(true));
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(Mutated.class), selectClass(MutatedOperations.class))
                .filters(chosen)
                .configurationParameter("junit.jupiter.execution.timeout.default", "20s")
                .build();
        Outcome outcome = new Outcome();
        LauncherFactory.create().execute(request, outcome);
        return outcome;
    }

    private static final class Outcome implements TestExecutionListener {

        private final AtomicInteger passed = new AtomicInteger();
        private final List<String> failed = new CopyOnWriteArrayList<>();

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (result.getStatus() != Status.SUCCESSFUL) {
                failed.add(test.getLegacyReportingName().replace("()", ""));
            } else if (test.isTest()) {
                passed.incrementAndGet();
            }
        }
    }

    /** Run by the launcher only: Surefire looks for no nested classes. */
    static class Mutated extends BrokerContract {

        private final FakeClock clock = new FakeClock();

        @Override
        protected Broker newBroker() {
            return mutation.apply(new MemoryBroker(clock));
        }

        @Override
        protected void advance(Duration duration) {
            clock.advance(duration);
        }

        @Override
        protected Duration patience() {
            return Duration.ofMillis(200);
        }
    }

    /** As above. */
    static class MutatedOperations extends OperationsContract {

        private final FakeClock clock = new FakeClock();

        @Override
        protected Broker newBroker() {
            return mutation.apply(new MemoryBroker(clock));
        }

        @Override
        protected void advance(Duration duration) {
            clock.advance(duration);
        }

        @Override
        protected Duration patience() {
            return Duration.ofMillis(200);
        }
    }
}
