package io.tidemill.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.test.FakeClock;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.helpers.MessageFormatter;

class OutagesTest {

    private final FakeClock clock = new FakeClock();
    private final List<String> told = new ArrayList<>();
    private final Outages outages = new Outages(clock, logger());

    private Logger logger() {
        return (Logger) Proxy.newProxyInstance(
                Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("debug")) {
                        Object[] values = Arrays.copyOfRange(arguments, 1, arguments.length);
                        told.add(method.getName() + " "
                                + MessageFormatter.arrayFormat((String) arguments[0], values)
                                        .getMessage());
                    }
                    return null;
                });
    }

    @Test
    void an_outage_is_told_once_for_all_queues_and_once_when_it_is_over() {
        for (int second = 0; second < 600; second++) {
            outages.failed("queue a: claim", false, "claim of a got no answer");
            outages.failed("queue b: extend", false, "extend of b got no answer");
            clock.advance(Duration.ofSeconds(1));
        }
        outages.worked("queue b: extend");
        outages.worked("queue a: claim");

        assertThat(told)
                .containsExactly(
                        "warn claim of a got no answer; logged once until it works again",
                        "info the broker answers again after 10 min");
        assertThat(outages.areKnown()).isFalse();
    }

    @Test
    void what_is_refused_is_told_once_for_each_call_until_that_call_works() {
        for (int i = 0; i < 10; i++) {
            outages.failed("queue a: claim", true, "claim of a was refused");
            outages.failed("queue b: claim", true, "claim of b was refused");
            outages.worked("queue a: survey");
        }
        clock.advance(Duration.ofSeconds(5));
        outages.worked("queue a: claim");

        assertThat(told)
                .containsExactly(
                        "warn claim of a was refused; logged once until it works again",
                        "warn claim of b was refused; logged once until it works again",
                        "info queue a: claim works again after 5 s");
    }

    @Test
    void a_failure_long_after_the_last_is_news() {
        outages.failed("queue a: trim", true, "no");
        clock.advance(Duration.ofMinutes(3));
        outages.failed("queue a: trim", true, "no");

        assertThat(told).hasSize(2);
    }
}
