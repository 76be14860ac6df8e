package io.tidemill.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.test.FakeClock;
import io.tidemill.test.Waits;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.helpers.MessageFormatter;

class OutagesTest {

    private final FakeClock clock = new FakeClock();
    private final List<String> logged = new ArrayList<>();
    private final List<String> published = new ArrayList<>();
    private final Outages outages = new Outages(
            clock,
            new Outages.Watcher() {
                @Override
                public void lost(String why) {
                    published.add("lost: " + why);
                }

                @Override
                public void back(Duration after) {
                    published.add("back after " + after);
                }
            },
            logger());

    private Logger logger() {
        return (Logger) Proxy.newProxyInstance(
                Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("debug")) {
                        Object[] values = Arrays.copyOfRange(arguments, 1, arguments.length);
                        logged.add(method.getName() + " "
                                + MessageFormatter.arrayFormat((String) arguments[0], values)
                                        .getMessage());
                    }
                    return null;
                });
    }

    @Test
    void an_outage_is_logged_and_published_once_for_all_requests_and_once_when_it_is_over() {
        outages.answered();
        for (int second = 0; second < 600; second++) {
            long sent = outages.sent();
            clock.advance(Duration.ofSeconds(1));
            outages.failed("queue a: claim", sent, false, "claim of a got no answer");
            outages.failed("queue b: extend", sent, false, "extend of b got no answer");
            outages.unanswered(sent, "enqueue got no answer");
        }
        assertThat(outages.unanswered()).isEqualTo(Duration.ofMinutes(10));
        outages.answered();
        outages.answered();

        assertThat(logged)
                .containsExactly(
                        "warn claim of a got no answer; logged once until it works again",
                        "info the broker answers again after 10 min");
        assertThat(published).containsExactly("lost: claim of a got no answer", "back after PT10M");
        assertThat(outages.areKnown()).isFalse();
        assertThat(outages.unanswered()).isZero();
    }

    @Test
    void a_request_that_gets_no_answer_while_others_do_is_logged_once_and_is_no_outage() {
        for (int i = 0; i < 10; i++) {
            long sent = outages.sent();
            clock.advance(Duration.ofSeconds(10));
            outages.answered();
            outages.failed("queue a: claim", sent, false, "claim of a got no answer");
            outages.unanswered(sent, "enqueue got no answer");
        }

        assertThat(logged).containsExactly("warn claim of a got no answer; logged once until it works again");
        assertThat(published).isEmpty();
    }

    @Test
    void what_is_refused_is_logged_once_for_each_request_until_that_request_works() {
        for (int i = 0; i < 10; i++) {
            outages.failed("queue a: claim", outages.sent(), true, "claim of a was refused");
            outages.failed("queue b: claim", outages.sent(), true, "claim of b was refused");
            outages.answered();
            outages.worked("queue a: survey");
        }
        clock.advance(Duration.ofSeconds(5));
        outages.worked("queue a: claim");

        assertThat(logged)
                .containsExactly(
                        "warn claim of a was refused; logged once until it works again",
                        "warn claim of b was refused; logged once until it works again",
                        "info queue a: claim works again after 5 s");
        assertThat(published).isEmpty();
    }

    @Test
    void a_refusal_long_after_the_last_is_logged_again() {
        outages.failed("queue a: trim", outages.sent(), true, "no");
        clock.advance(Duration.ofMinutes(3));
        outages.failed("queue a: trim", outages.sent(), true, "no");

        assertThat(logged).hasSize(2);
    }

    @Test
    void that_the_broker_is_back_is_not_published_before_it_was_lost() throws Exception {
        for (int round = 0; round < 300; round++) {
            List<String> order = new CopyOnWriteArrayList<>();
            Outages racing = new Outages(
                    clock,
                    new Outages.Watcher() {
                        @Override
                        public void lost(String why) {
                            order.add("lost");
                        }

                        @Override
                        public void back(Duration after) {
                            order.add("back");
                        }
                    },
                    logger());
            long sent = racing.sent();
            clock.advance(Duration.ofSeconds(1));
            CyclicBarrier together = new CyclicBarrier(2);
            Thread answering = new Thread(() -> {
                awaitAll(together);
                racing.answered();
            });
            answering.start();
            awaitAll(together);
            racing.unanswered(sent, "no answer");
            answering.join();

            assertThat(order).as("round %d", round).isIn(List.of(), List.of("lost", "back"));
            assertThat(racing.areKnown()).isFalse();
        }
    }

    private static void awaitAll(CyclicBarrier together) {
        try {
            together.await(60, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void an_answer_that_comes_while_the_loss_is_published_is_published_after_it() throws Exception {
        List<String> order = new CopyOnWriteArrayList<>();
        CountDownLatch publishing = new CountDownLatch(1);
        AtomicReference<Thread> answering = new AtomicReference<>();
        Outages slow = new Outages(
                clock,
                new Outages.Watcher() {
                    @Override
                    public void lost(String why) {
                        publishing.countDown();
                        Waits.until("the answer has come and is published or held up", () -> {
                            Thread.State state = answering.get().getState();
                            return state == Thread.State.WAITING || state == Thread.State.TERMINATED;
                        });
                        order.add("lost");
                    }

                    @Override
                    public void back(Duration after) {
                        order.add("back");
                    }
                },
                logger());
        long sent = slow.sent();
        clock.advance(Duration.ofSeconds(1));
        answering.set(new Thread(() -> {
            try {
                publishing.await();
            } catch (InterruptedException e) {
                return;
            }
            slow.answered();
        }));
        answering.get().start();

        slow.unanswered(sent, "no answer");
        answering.get().join();

        assertThat(order).containsExactly("lost", "back");
    }

    @Test
    void what_is_in_flight_while_the_queue_is_closed_is_no_outage() {
        long sent = outages.sent();
        outages.close();
        outages.unanswered(sent, "closed");
        outages.failed("queue a: claim", sent, false, "closed");

        assertThat(logged).isEmpty();
        assertThat(published).isEmpty();
    }
}
