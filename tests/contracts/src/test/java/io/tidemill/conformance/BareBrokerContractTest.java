package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.task.BrokerException;
import io.tidemill.test.FakeClock;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** What a broker without abilities is held to: the core. All else is skipped, with the ability as reason. */
class BareBrokerContractTest extends BrokerContract {

    private final FakeClock clock = new FakeClock();

    @Override
    protected Broker newBroker() {
        return new BareBroker(new MemoryBroker(clock));
    }

    @Override
    protected void advance(Duration duration) {
        clock.advance(duration);
    }

    @Nested
    class WithoutAbilities {

        @Test
        void every_ability_is_refused_by_name() {
            List<Consumer<Broker>> uses = List.of(
                    Broker::leases,
                    Broker::sweeps,
                    Broker::lookUp,
                    Broker::cancellation,
                    Broker::lists,
                    Broker::operations,
                    Broker::limits,
                    Broker::schedules,
                    it -> it.enqueue(queue, List.of(job(newId()).with(JobConstraints.NONE.withGroup("g")))));
            List<Ability> refused = List.of(
                    Ability.LEASES,
                    Ability.SWEEPS,
                    Ability.LOOK_UP,
                    Ability.CANCEL,
                    Ability.LISTS,
                    Ability.OPERATIONS,
                    Ability.LIMITS,
                    Ability.SCHEDULES,
                    Ability.GROUPS);

            for (int i = 0; i < uses.size(); i++) {
                Consumer<Broker> use = uses.get(i);
                assertThatThrownBy(() -> use.accept(broker()))
                        .isInstanceOfSatisfying(
                                BrokerException.class,
                                e -> assertThat(e.outcome()).isEqualTo(BrokerException.Outcome.REFUSED))
                        .hasMessageStartingWith("BareBroker cannot do this: it has no ability " + refused.get(i));
            }
        }

        @Test
        void a_contract_that_needs_an_ability_is_skipped_with_its_name() {
            assertThatThrownBy(() -> counts())
                    .isInstanceOf(TestAbortedException.class)
                    .hasMessageContaining("BareBroker has no ability LISTS");
        }
    }
}
