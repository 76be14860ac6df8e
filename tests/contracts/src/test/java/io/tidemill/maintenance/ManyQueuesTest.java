package io.tidemill.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Broker;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.RecoverReply;
import io.tidemill.broker.Survey;
import io.tidemill.broker.Sweeps;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.conformance.DelegatingBroker;
import io.tidemill.observe.Observers;
import io.tidemill.task.BrokerException;
import io.tidemill.task.Retention;
import io.tidemill.test.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What sweeps cost when there are many queues, and what they find all the same. */
class ManyQueuesTest {

    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final byte[] BODY = {1};

    private final FakeClock clock = new FakeClock();
    private final Counting broker = new Counting(new MemoryBroker(clock));
    private final Set<String> hinted = ConcurrentHashMap.newKeySet();
    private @Nullable Maintenance maintenance;

    @AfterEach
    void stop() {
        if (maintenance != null) {
            maintenance.stop();
        }
        broker.close();
    }

    /**
     * Counts what is asked of how many queues; refuses to look at a queue named so. The refusal comes as a cause, as
     * from every broker that does something with an answer before it gives it.
     */
    private static final class Counting extends DelegatingBroker {

        final List<List<String>> surveys = Collections.synchronizedList(new ArrayList<>());
        final List<String> sweeps = Collections.synchronizedList(new ArrayList<>());
        volatile String poison = "";

        Counting(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<Survey>> survey(List<String> queues) {
            surveys.add(List.copyOf(queues));
            return queues.contains(poison) || poison.equals("*")
                    ? CompletableFuture.<List<Survey>>failedFuture(
                                    new BrokerException(BrokerException.Outcome.REFUSED, "WRONGTYPE", null))
                            .thenApply(found -> found)
                    : super.survey(queues);
        }

        @Override
        public CompletableFuture<Integer> promote(String queue, int limit) {
            sweeps.add(queue);
            return super.promote(queue, limit);
        }

        @Override
        public CompletableFuture<RecoverReply> recover(String queue, int limit, int maxLostLeases, byte[] failure) {
            sweeps.add(queue);
            return super.recover(queue, limit, maxLostLeases, failure);
        }
    }

    private static Set<String> names(int count) {
        return IntStream.range(0, count).mapToObj(i -> "queue-" + i).collect(Collectors.toSet());
    }

    private void serve(Set<String> queues) {
        Maintenance made = new Maintenance(
                broker,
                queues,
                LEASE,
                0,
                new Trimmer(broker, clock, queues, new Retention(0, Duration.ofDays(1)), Map.of()),
                hinted::add,
                new Observers(List.of(), List.of(), clock),
                clock,
                Runnable::run);
        maintenance = made;
        made.start();
    }

    private void pass(Duration time) {
        for (long rest = time.toMillis(); rest > 0; rest -= 250) {
            clock.awaitWaiters(1);
            clock.advance(Duration.ofMillis(250));
        }
        clock.awaitWaiters(1);
    }

    @Test
    void ten_thousand_idle_queues_cost_two_calls_a_second_and_each_has_its_turn_within_twenty_seconds() {
        Set<String> queues = names(10_000);
        serve(queues);
        pass(Duration.ofSeconds(20));

        Map<String, Integer> turns = new HashMap<>();
        broker.surveys.forEach(slice -> slice.forEach(queue -> turns.merge(queue, 1, Integer::sum)));
        assertThat(turns.keySet()).isEqualTo(queues);
        assertThat(turns.values()).as("turns come up to a quarter early").allMatch(count -> count <= 2);
        assertThat(broker.surveys).hasSizeBetween(20, 30).allMatch(slice -> slice.size() == Sweeps.MAX_SURVEY);
        assertThat(broker.sweeps).as("nothing is due").isEmpty();
    }

    @Test
    void only_the_queue_in_which_something_is_due_is_swept() {
        serve(names(700));
        broker.enqueue("queue-7", List.of(NewJob.now("late", BODY, 4).after(1000)))
                .join();
        pass(Duration.ofSeconds(5));

        assertThat(broker.sweeps).contains("queue-7").containsOnly("queue-7");
        assertThat(broker.lists().counts("queue-7").join().ready()).isOne();
    }

    @Test
    void a_queue_with_ready_jobs_is_told_of_whether_or_not_its_hint_was_heard() {
        serve(names(700));
        broker.enqueue("queue-7", List.of(NewJob.now("job", BODY, 4))).join();
        pass(Duration.ofSeconds(5));

        assertThat(hinted).containsExactly("queue-7");
    }

    @Test
    void a_queue_that_cannot_be_looked_at_keeps_no_other_from_being_swept() {
        broker.poison = "queue-123";
        serve(names(400));
        broker.enqueue("queue-7", List.of(NewJob.now("job", BODY, 4))).join();
        pass(Duration.ofSeconds(5));

        assertThat(hinted).containsExactly("queue-7");
        assertThat(broker.surveys).as("it is looked at alone in the end").contains(List.of("queue-123"));
        assertThat(broker.surveys.size()).isLessThan(100);

        broker.claim("queue-9", new ClaimRequest("gone", "gone:9", 1, 1)).join();
        broker.enqueue("queue-9", List.of(NewJob.now("crashed", BODY, 4))).join();
        broker.claim("queue-9", new ClaimRequest("gone", "gone:10", 1, 1)).join();
        pass(Duration.ofSeconds(5));
        assertThat(broker.lists().counts("queue-9").join().active())
                .as("nor is it taken for an outage")
                .isZero();
    }

    @Test
    void a_broker_that_refuses_everything_is_asked_a_few_dozen_times_and_not_about_each_queue() {
        broker.poison = "*";
        serve(names(500));
        clock.awaitWaiters(1);

        assertThat(broker.surveys.size()).isBetween(10, 100);
    }

    @Test
    void a_queue_that_nobody_serves_is_swept_but_nothing_in_it_dies_or_is_removed() {
        broker.enqueue("left", List.of(NewJob.now("crashed", BODY, 4))).join();
        broker.claim("left", new ClaimRequest("gone", "gone:1", 1, 1000)).join();
        broker.enqueue("left", List.of(NewJob.now("late", BODY, 4).after(1000))).join();
        broker.enqueue("left-too", List.of(NewJob.now("dead", BODY, 4))).join();
        broker.claim("left-too", new ClaimRequest("gone", "gone:2", 1, 1)).join();
        clock.advance(Duration.ofSeconds(2));
        broker.sweeps().recover("left-too", 1, 0, BODY).join();
        broker.sweeps.clear();

        serve(Set.of("served"));
        pass(Duration.ofSeconds(15));

        assertThat(broker.lists().counts("left").join().ready())
                .as("recovered and promoted")
                .isEqualTo(2);
        assertThat(broker.lists().counts("left-too").join().dead())
                .as("trimmed by those who serve it")
                .isOne();
        assertThat(hinted).isEmpty();
    }

    @Test
    void dead_jobs_of_a_served_queue_are_trimmed() {
        broker.enqueue("served", List.of(NewJob.now("dead", BODY, 4))).join();
        broker.claim("served", new ClaimRequest("gone", "gone:1", 1, 1)).join();
        clock.advance(Duration.ofSeconds(2));
        broker.sweeps().recover("served", 1, 0, BODY).join();

        serve(Set.of("served"));
        pass(Duration.ofSeconds(5));

        assertThat(broker.lists().counts("served").join().dead()).isZero();
    }
}
