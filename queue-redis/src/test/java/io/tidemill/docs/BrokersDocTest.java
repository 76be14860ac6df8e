package io.tidemill.docs;

import io.tidemill.Approval;
import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.redis.RedisBroker;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** docs/brokers.md says what the brokers say of themselves. */
class BrokersDocTest {

    private static final String BEGINNING = """
            # Brokers and what they can do

            This page is generated from the abilities of the brokers (`io.tidemill.broker.Ability`); a test compares it.

            Every broker stores jobs at once, later and by priority, hands them out, and records how runs ended, with
            retries and dead letters. The rest are abilities. A queue that asks for what its broker cannot do is refused:
            at `start()` where its description says so (a task with a group, a result, a limit, jobs to be kept), else at the request. The
            error names the ability.

            """;

    @Test
    void the_page_of_brokers_is_true() throws Exception {
        try (Broker memory = new MemoryBroker();
                Broker redis = RedisBroker.connect("redis://localhost")) {
            List<Broker> brokers = List.of(memory, redis);
            StringBuilder page = new StringBuilder(BEGINNING).append("| ability | with it |");
            brokers.forEach(broker -> page.append(" `").append(broker.name()).append("` |"));
            page.append("\n|---|---|").append("---|".repeat(brokers.size())).append('\n');
            for (Ability ability : Ability.values()) {
                page.append("| `")
                        .append(ability)
                        .append("` | ")
                        .append(ability.meaning())
                        .append(" |");
                brokers.forEach(broker -> page.append(broker.abilities().contains(ability) ? " yes |" : " no |"));
                page.append('\n');
            }

            Approval.check(Path.of("..", "docs", "brokers.md"), page.toString());
        }
    }
}
