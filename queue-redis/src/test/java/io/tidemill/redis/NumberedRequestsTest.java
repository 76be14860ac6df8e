package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.redis.keys.Keyspace;
import io.tidemill.task.BrokerException;
import io.tidemill.task.BrokerException.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class NumberedRequestsTest {

    private final NumberedRequests requests = new NumberedRequests(new Keyspace("tm", "q"), "broker", "enqueue");

    @Test
    void the_next_call_is_sent_when_the_one_before_is_answered() {
        CompletableFuture<String> first = new CompletableFuture<>();
        List<Long> sent = new ArrayList<>();
        CompletableFuture<String> one = requests.submit(number -> {
            sent.add(number);
            return first;
        });
        CompletableFuture<String> two = requests.submit(number -> {
            sent.add(number);
            return CompletableFuture.completedFuture("two");
        });
        assertThat(sent).containsExactly(1L);
        assertThat(two).isNotDone();

        first.complete("one");

        assertThat(sent).containsExactly(1L, 2L);
        assertThat(one).isCompletedWithValue("one");
        assertThat(two).isCompletedWithValue("two");
    }

    @Test
    void a_call_that_fails_or_throws_does_not_stop_the_others() {
        CompletableFuture<String> fails =
                requests.submit(number -> CompletableFuture.failedFuture(new IllegalStateException()));
        CompletableFuture<String> throwing = requests.submit(number -> {
            throw new IllegalArgumentException();
        });

        assertThat(fails).isCompletedExceptionally();
        assertThat(throwing).isCompletedExceptionally();
        assertThat(requests.submit(CompletableFuture::completedFuture)).isCompletedWithValue(3L);
    }

    @Test
    void an_error_at_the_end_of_the_stack_leaves_the_queue_free_for_others() throws Exception {
        AtomicInteger overflows = new AtomicInteger();
        for (int round = 0; round < 300; round++) {
            int needed = round % 60;
            EndOfStack.reach(
                    () -> requests.submit(number -> CompletableFuture.completedFuture(EndOfStack.needing(needed))),
                    overflows);

            assertThat(requests.submit(number -> CompletableFuture.completedFuture("sent")))
                    .as("after %d rounds", round)
                    .isCompletedWithValue("sent");
        }
        assertThat(overflows).hasPositiveValue();
    }

    @Test
    void a_call_that_throws_an_error_does_not_stop_the_others() {
        CompletableFuture<String> throwing = requests.submit(number -> {
            throw new OutOfMemoryError("Java heap space");
        });

        assertThat(throwing).isCompletedExceptionally();
        assertThat(requests.submit(CompletableFuture::completedFuture)).isCompletedWithValue(2L);
    }

    @Test
    void a_long_queue_of_calls_does_not_grow_the_stack() {
        CompletableFuture<Long> first = new CompletableFuture<>();
        requests.submit(number -> first);
        List<CompletableFuture<Long>> rest = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            rest.add(requests.submit(CompletableFuture::completedFuture));
        }

        first.complete(1L);

        assertThat(rest).allMatch(CompletableFuture::isDone);
        assertThat(rest.get(9_999).join()).isEqualTo(10_001L);
    }

    @Test
    void more_calls_than_can_wait_are_refused_and_the_others_are_done() {
        CompletableFuture<Long> first = new CompletableFuture<>();
        requests.submit(number -> first);
        List<CompletableFuture<Long>> waiting = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            waiting.add(requests.submit(CompletableFuture::completedFuture));
        }

        CompletableFuture<Long> tooMany = requests.submit(CompletableFuture::completedFuture);

        assertThat(tooMany)
                .failsWithin(Duration.ZERO)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.outcome()).isEqualTo(Outcome.REFUSED))
                .withMessage("enqueue on queue q was not sent: 10000 such calls wait for their turn already, which is"
                        + " the most; nothing was done: wait for answers before more is asked");
        first.complete(1L);
        assertThat(waiting).allMatch(CompletableFuture::isDone);
        assertThat(requests.submit(CompletableFuture::completedFuture)).isCompletedWithValue(10_002L);
    }
}
