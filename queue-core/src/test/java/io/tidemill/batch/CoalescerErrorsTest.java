package io.tidemill.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That no error, wherever it comes, leaves a coalescer busy or a caller waiting. */
class CoalescerErrorsTest extends CoalescerHarness {

    /** Each at another depth; an ordinary build tries a third of them. */
    private static final int ROUNDS_TO_THE_END = Boolean.getBoolean("tidemill.thorough") ? 15 : 5;

    @Test
    void a_failing_call_fails_its_batch_only() {
        CompletableFuture<String> first = coalescer.submit(1);
        CompletableFuture<String> second = coalescer.submit(2);

        calls.get(0).reply().completeExceptionally(new IllegalStateException("broken"));
        calls.get(1).answer();

        assertThatThrownBy(first::join).hasRootCauseMessage("broken");
        assertThat(second).isCompletedWithValue("reply 2");
    }

    @Test
    void a_call_that_throws_fails_its_batch_only() {
        AtomicInteger count = new AtomicInteger();
        Coalescer<Integer, String> moody = new Coalescer<>(3, 4, requests -> {
            if (count.incrementAndGet() == 1) {
                throw new IllegalStateException("thrown");
            }
            return CompletableFuture.completedFuture(List.of("fine"));
        });

        assertThatThrownBy(moody.submit(1)::join).hasRootCauseMessage("thrown");
        assertThat(moody.submit(2)).isCompletedWithValue("fine");
    }

    @Test
    void a_call_that_answers_nothing_or_too_little_or_too_much_fails_its_batch_only() {
        List<CompletableFuture<List<String>>> wrongs = new ArrayList<>();
        wrongs.add(null);
        wrongs.add(CompletableFuture.completedFuture(null));
        wrongs.add(CompletableFuture.completedFuture(List.of()));
        wrongs.add(CompletableFuture.completedFuture(List.of("a", "b")));
        for (CompletableFuture<List<String>> wrong : wrongs) {
            AtomicInteger count = new AtomicInteger();
            Coalescer<Integer, String> moody = new Coalescer<>(
                    3,
                    4,
                    requests ->
                            count.incrementAndGet() == 1 ? wrong : CompletableFuture.completedFuture(List.of("fine")));

            assertThat(moody.submit(1)).isCompletedExceptionally();
            assertThat(moody.submit(2)).isCompletedWithValue("fine");
        }
    }

    @Test
    void a_heap_that_is_full_before_anything_is_taken_leaves_nobody_waiting() {
        AtomicInteger looks = new AtomicInteger();
        Coalescer<Integer, Integer> poor = new Coalescer<>(
                new BatchLimits(10, 0, 100, 0, 1_000_000_000L),
                request -> 0,
                () -> {
                    if (looks.incrementAndGet() == 2) {
                        throw new OutOfMemoryError("Java heap space");
                    }
                    return 0;
                },
                Runnable::run,
                CompletableFuture::completedFuture);

        assertThat(poor.submit(1)).isCompletedExceptionally();

        assertThat(poor.isIdle()).isTrue();
        assertThat(poor.submit(2)).isCompletedWithValue(2);
    }

    @Test
    @Tag("thorough")
    void an_error_at_the_end_of_the_stack_leaves_nothing_busy() throws Exception {
        AtomicInteger overflows = new AtomicInteger();
        ExecutorService elsewhere = Executors.newSingleThreadExecutor();
        try {
            Coalescer<Integer, Integer> deep = new Coalescer<>(
                    new BatchLimits(1, 0, 100_000, 0, Long.MAX_VALUE),
                    request -> 0,
                    () -> 0,
                    elsewhere,
                    requests -> CompletableFuture.completedFuture(List.of(EndOfStack.needing(requests.get(0)))));
            for (int round = 0; round < ROUNDS_TO_THE_END; round++) {
                int needed = 4 * round;
                EndOfStack.reach(() -> deep.submit(needed), overflows);

                assertThat(deep.awaitIdle(NEVER)).as("after %d rounds", round).isTrue();
                assertThat(deep.submit(1).get(30, TimeUnit.SECONDS)).isEqualTo(1);
            }
        } finally {
            elsewhere.shutdownNow();
        }
        assertThat(overflows).hasPositiveValue();
    }

    @Test
    void a_reply_that_ends_the_stack_does_not_take_the_replies_of_others_along() throws Exception {
        CompletableFuture<List<Integer>> gate = new CompletableFuture<>();
        AtomicInteger count = new AtomicInteger();
        ExecutorService elsewhere = Executors.newSingleThreadExecutor();
        try {
            Coalescer<Integer, Integer> shared = new Coalescer<>(
                    new BatchLimits(10, 0, 100, 0, Long.MAX_VALUE),
                    request -> 0,
                    () -> 0,
                    elsewhere,
                    r -> count.incrementAndGet() == 1 ? gate : CompletableFuture.completedFuture(r));
            shared.submit(1);
            CompletableFuture<Integer> overflowing =
                    shared.submit(2).thenApply(reply -> EndOfStack.needing(Integer.MAX_VALUE));
            CompletableFuture<Integer> neighbour = shared.submit(3);

            gate.complete(List.of(1));

            assertThatThrownBy(() -> overflowing.get(30, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(StackOverflowError.class);
            assertThat(neighbour.get(30, TimeUnit.SECONDS)).isEqualTo(3);
        } finally {
            elsewhere.shutdownNow();
        }
    }

    @Test
    void an_executor_without_a_thread_and_a_call_that_throws_an_error_leave_nothing_busy() {
        AtomicInteger count = new AtomicInteger();
        Coalescer<Integer, String> poor = new Coalescer<>(
                new BatchLimits(3, 0, 100, 0, Long.MAX_VALUE),
                request -> 0,
                () -> 0,
                task -> {
                    throw new OutOfMemoryError("unable to create native thread");
                },
                requests -> {
                    if (count.incrementAndGet() == 1) {
                        throw new OutOfMemoryError("Java heap space");
                    }
                    return CompletableFuture.completedFuture(List.of("fine"));
                });

        assertThatThrownBy(poor.submit(1)::join).hasRootCauseInstanceOf(OutOfMemoryError.class);
        assertThat(poor.submit(2)).isCompletedWithValue("fine");
        assertThat(poor.isIdle()).isTrue();
    }
}
