package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.JobOutcome;
import io.tidemill.broker.ResultBackend;
import io.tidemill.broker.Subscription;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import io.tidemill.test.Waits;
import io.tidemill.text.JobIds;
import io.tidemill.time.Clock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link ResultBackend} does. Extend it, make the backend, move its time, and run it with JUnit. */
public abstract class ResultBackendContract {

    private static final JobIds IDS = new JobIds(Clock.system()::millis);

    private static final long LONG_MILLIS = Duration.ofMinutes(10).toMillis();
    private static final long SHORT_MILLIS = 40;

    private final String queue = "contract-" + IDS.next();
    private ResultBackend backend;

    /** A backend that is not open yet. */
    protected abstract ResultBackend newBackend();

    /** Lets at least so much of the backend's time pass. */
    protected abstract void advance(Duration duration);

    @BeforeEach
    final void open() {
        backend = newBackend();
        backend.open();
    }

    @AfterEach
    final void close() {
        backend.close();
    }

    @Test
    void a_result_that_was_never_stored_is_not_found() {
        assertThat(find(queue, IDS.next())).isEmpty();
    }

    @Test
    void a_result_comes_back_byte_for_byte() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        for (byte[] result : List.of(all, bytes("漢字 🚀"), new byte[0], new byte[200_000])) {
            String id = IDS.next();
            store(id, result, LONG_MILLIS);
            assertThat(find(queue, id))
                    .hasValueSatisfying(found -> assertThat(found).isEqualTo(result));
        }
    }

    @Test
    void a_second_result_replaces_the_first_and_its_time() {
        String id = IDS.next();
        store(id, bytes("first"), SHORT_MILLIS);
        store(id, bytes("second"), LONG_MILLIS);

        letItEnd();

        assertThat(find(queue, id))
                .hasValueSatisfying(found -> assertThat(found).isEqualTo(bytes("second")));
    }

    @Test
    void a_result_is_forgotten_after_its_time() {
        String id = IDS.next();
        store(id, bytes("42"), SHORT_MILLIS);

        letItEnd();

        assertThat(find(queue, id)).isEmpty();
    }

    @Test
    void a_replacement_may_also_live_shorter() {
        String id = IDS.next();
        store(id, bytes("first"), LONG_MILLIS);
        store(id, bytes("second"), SHORT_MILLIS);

        letItEnd();

        assertThat(find(queue, id)).isEmpty();
    }

    @Test
    void one_that_is_forgotten_takes_no_other_along() {
        String brief = IDS.next();
        String lasting = IDS.next();
        store(brief, bytes("brief"), SHORT_MILLIS);
        store(lasting, bytes("lasting"), LONG_MILLIS);
        letItEnd();
        store(IDS.next(), bytes("more"), LONG_MILLIS);

        assertThat(find(queue, brief)).isEmpty();
        assertThat(find(queue, lasting)).isPresent();
    }

    @Test
    void the_same_id_in_another_queue_is_another_job() {
        String id = IDS.next();
        store(id, bytes("42"), LONG_MILLIS);

        assertThat(find(queue + "-other", id)).isEmpty();
    }

    @Test
    void outcomes_of_every_kind_are_stored_in_one_request() {
        JobOutcome nothing = JobOutcome.succeeded(IDS.next(), 1, null, LONG_MILLIS);
        JobOutcome result = JobOutcome.succeeded(IDS.next(), 2, bytes("42"), LONG_MILLIS);
        JobOutcome lost = JobOutcome.resultLost(IDS.next(), 2, LONG_MILLIS);
        JobOutcome dead = JobOutcome.dead(IDS.next(), 3, bytes("what went wrong: all"), LONG_MILLIS);
        JobOutcome cancelled = JobOutcome.ended(IDS.next(), JobState.CANCELLED, 0, LONG_MILLIS);
        JobOutcome expired = JobOutcome.ended(IDS.next(), JobState.EXPIRED, 0, LONG_MILLIS);

        store(nothing, result, lost, dead, cancelled, expired);

        for (JobOutcome stored : List.of(nothing, result, lost, dead, cancelled, expired)) {
            assertThat(outcome(queue, stored.id())).hasValueSatisfying(found -> {
                assertThat(found.id()).isEqualTo(stored.id());
                assertThat(found.state()).isEqualTo(stored.state());
                assertThat(found.result()).isEqualTo(stored.result());
                assertThat(found.resultLost()).isEqualTo(stored.resultLost());
                assertThat(found.failure()).isEqualTo(stored.failure());
            });
        }
        assertThat(outcome(queue, dead.id()).orElseThrow().attempt()).isEqualTo(3);
    }

    @Test
    void that_a_result_is_lost_does_not_replace_the_result_that_was_stored_although_its_answer_was_lost() {
        String id = IDS.next();
        store(id, bytes("42"), LONG_MILLIS);

        storeLate(JobOutcome.resultLost(id, 1, LONG_MILLIS));

        assertThat(outcome(queue, id)).hasValueSatisfying(found -> {
            assertThat(found.resultLost()).isFalse();
            assertThat(found.result()).isEqualTo(bytes("42"));
        });
    }

    @Test
    void what_is_stored_late_replaces_only_what_a_job_may_leave_when_it_is_redriven() {
        String dead = IDS.next();
        store(JobOutcome.dead(dead, 16, bytes("first"), LONG_MILLIS));
        storeLate(JobOutcome.resultLost(dead, 2, LONG_MILLIS));
        assertThat(outcome(queue, dead)).map(JobOutcome::resultLost).contains(true);

        for (JobOutcome last : List.of(
                JobOutcome.succeeded(IDS.next(), 2, null, LONG_MILLIS),
                JobOutcome.succeeded(IDS.next(), 2, new byte[0], LONG_MILLIS),
                JobOutcome.resultLost(IDS.next(), 2, LONG_MILLIS),
                JobOutcome.ended(IDS.next(), JobState.CANCELLED, 0, LONG_MILLIS),
                JobOutcome.ended(IDS.next(), JobState.EXPIRED, 0, LONG_MILLIS))) {
            store(last);

            storeLate(JobOutcome.dead(last.id(), 16, bytes("of before it was redriven"), LONG_MILLIS));

            assertThat(outcome(queue, last.id())).hasValueSatisfying(found -> {
                assertThat(found.state()).isEqualTo(last.state());
                assertThat(found.resultLost()).isEqualTo(last.resultLost());
            });
        }
    }

    @Test
    void what_is_stored_late_is_kept_and_forgotten_as_all_else_where_nothing_is_kept() {
        String brief = IDS.next();
        String lasting = IDS.next();
        storeLate(
                JobOutcome.dead(brief, 1, bytes("no good"), SHORT_MILLIS),
                JobOutcome.dead(lasting, 3, bytes("no good"), LONG_MILLIS));
        assertThat(outcome(queue, lasting)).map(JobOutcome::failure).contains(bytes("no good"));

        letItEnd();

        assertThat(outcome(queue, brief)).isEmpty();
        assertThat(outcome(queue, lasting)).map(JobOutcome::attempt).contains(3);
    }

    @Test
    void who_listens_hears_of_outcomes_of_the_queue_until_the_subscription_is_closed() {
        Set<String> heard = ConcurrentHashMap.newKeySet();
        Subscription subscription = backend.listen(queue, heard::add);
        // Announcements are hints: the first may come before the subscription has arrived.
        Waits.until("an outcome is announced", () -> {
            store(JobOutcome.succeeded("first", 1, null, LONG_MILLIS));
            return heard.contains("first");
        });
        BrokerHarness.get(
                backend.store(queue + "-other", List.of(JobOutcome.succeeded("elsewhere", 1, null, LONG_MILLIS))));
        store(JobOutcome.succeeded("second", 1, null, LONG_MILLIS));
        Waits.until("the next is announced", () -> heard.contains("second"));

        assertThat(heard).containsExactlyInAnyOrder("first", "second");
        subscription.close();
    }

    @Test
    void a_closed_backend_refuses_every_call() {
        ResultBackend closed = newBackend();
        closed.open();
        closed.close();
        closed.close();

        List<CompletableFuture<?>> calls = List.of(
                closed.store(queue, List.of(JobOutcome.succeeded(IDS.next(), 1, bytes("42"), LONG_MILLIS))),
                closed.storeLate(queue, List.of(JobOutcome.resultLost(IDS.next(), 1, LONG_MILLIS))),
                closed.find(queue, IDS.next()));

        assertThat(calls)
                .allSatisfy(call -> assertThatThrownBy(() -> BrokerHarness.get(call))
                        .isInstanceOfSatisfying(
                                BrokerException.class,
                                e -> assertThat(e.outcome()).isEqualTo(BrokerException.Outcome.REFUSED)));
    }

    private void store(String id, byte[] result, long ttlMillis) {
        store(JobOutcome.succeeded(id, 1, result, ttlMillis));
    }

    private void store(JobOutcome... outcomes) {
        BrokerHarness.get(backend.store(queue, List.of(outcomes)));
    }

    private void storeLate(JobOutcome... outcomes) {
        BrokerHarness.get(backend.storeLate(queue, List.of(outcomes)));
    }

    private Optional<byte[]> find(String inQueue, String id) {
        return outcome(inQueue, id).map(JobOutcome::result);
    }

    private Optional<JobOutcome> outcome(String inQueue, String id) {
        return BrokerHarness.get(backend.find(inQueue, id));
    }

    private void letItEnd() {
        advance(Duration.ofMillis(SHORT_MILLIS + 10));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
