package io.tidemill.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CoalescerTest {

    /** Each at another depth; an ordinary build tries a third of them. */
    private static final int ROUNDS_TO_THE_END = Boolean.getBoolean("tidemill.thorough") ? 15 : 5;

    private static final long NEVER = TimeUnit.SECONDS.toNanos(20);

    /** Calls that wait to be answered by the test. */
    private final List<Call> calls = Collections.synchronizedList(new ArrayList<>());

    private record Call(List<Integer> requests, Thread thread, CompletableFuture<List<String>> reply) {

        void answer() {
            reply.complete(requests.stream().map(n -> "reply " + n).toList());
        }
    }

    private CompletableFuture<List<String>> send(List<Integer> requests) {
        Call call = new Call(List.copyOf(requests), Thread.currentThread(), new CompletableFuture<>());
        calls.add(call);
        return call.reply;
    }

    private final Coalescer<Integer, String> coalescer = new Coalescer<>(3, 4, this::send);

    @Test
    void a_lone_request_goes_at_once_on_the_callers_thread() {
        CompletableFuture<String> reply = coalescer.submit(1);

        assertThat(calls).singleElement().satisfies(call -> {
            assertThat(call.requests).containsExactly(1);
            assertThat(call.thread).isSameAs(Thread.currentThread());
        });
        calls.get(0).answer();
        assertThat(reply).isCompletedWithValue("reply 1");
    }

    @Test
    void what_comes_while_a_call_is_in_flight_gathers_and_goes_in_order_in_full_batches() {
        List<CompletableFuture<String>> replies =
                IntStream.rangeClosed(1, 6).mapToObj(coalescer::submit).toList();
        assertThat(calls).hasSize(1);

        calls.get(0).answer();
        assertThat(calls).hasSize(2);
        assertThat(calls.get(1).requests).containsExactly(2, 3, 4);
        assertThat(replies.get(0)).isCompleted();
        assertThat(replies.get(1)).isNotDone();

        calls.get(1).answer();
        assertThat(calls.get(2).requests).containsExactly(5, 6);
        calls.get(2).answer();
        for (int i = 0; i < 6; i++) {
            assertThat(replies.get(i)).isCompletedWithValue("reply " + (i + 1));
        }
    }

    @Test
    void a_second_call_goes_out_beside_the_first_only_when_it_is_full() {
        Coalescer<Integer, String> two = coalescer(3, 2);
        two.submit(1);
        two.submit(2);
        two.submit(3);
        assertThat(calls).as("two wait, three fill a batch").hasSize(1);

        two.submit(4);
        assertThat(calls).hasSize(2);
        assertThat(calls.get(1).requests).containsExactly(2, 3, 4);

        List<CompletableFuture<String>> rest =
                IntStream.rangeClosed(5, 8).mapToObj(two::submit).toList();
        assertThat(calls).as("no third call").hasSize(2);
        calls.get(1).answer();
        assertThat(calls.get(2).requests).as("full again, so beside the first").containsExactly(5, 6, 7);
        calls.get(2).answer();
        assertThat(calls).as("one is left, and the first is still in flight").hasSize(3);
        assertThat(two.isIdle()).isFalse();
        calls.get(0).answer();
        assertThat(calls.get(3).requests).containsExactly(8);
        calls.get(3).answer();
        assertThat(rest.get(3)).isCompletedWithValue("reply 8");
        assertThat(two.isIdle()).isTrue();
    }

    @Test
    void callers_that_go_on_when_they_are_answered_come_in_two_halves_and_not_as_one_and_the_rest() {
        ArrayDeque<Runnable> handOuts = new ArrayDeque<>();
        BatchLimits limits = new BatchLimits(1000, 0, 1000, 0, Long.MAX_VALUE);
        Coalescer<Integer, String> halves = new Coalescer<>(limits, request -> 0, () -> 0, handOuts::add, this::send);
        IntStream.range(0, 100).forEach(caller -> goOn(halves, caller));

        for (int i = 0; i < 6; i++) {
            calls.get(i).answer();
            while (!handOuts.isEmpty()) {
                handOuts.remove().run();
            }
        }

        assertThat(calls).extracting(call -> call.requests.size()).containsExactly(1, 50, 50, 50, 50, 50, 50);
    }

    private static void goOn(Coalescer<Integer, String> coalescer, int caller) {
        coalescer.submit(caller).thenRun(() -> goOn(coalescer, caller));
    }

    private Coalescer<Integer, String> coalescer(int batch, int inFlight) {
        BatchLimits limits = new BatchLimits(batch, 0, 100, 0, Long.MAX_VALUE, inFlight);
        return new Coalescer<>(limits, request -> 0, () -> 0, Runnable::run, this::send);
    }

    @Test
    void a_failing_call_fails_its_batch_only() {
        CompletableFuture<String> first = coalescer.submit(1);
        CompletableFuture<String> second = coalescer.submit(2);

        calls.get(0).reply.completeExceptionally(new IllegalStateException("broken"));
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
    void a_full_buffer_makes_an_offer_wait_and_time_out() throws InterruptedException {
        for (int i = 0; i < 5; i++) {
            assertThat(coalescer.offer(i, 0)).isNotNull();
        }

        assertThat(coalescer.offer(5, 0)).isNull();
        assertThat(coalescer.offer(6, TimeUnit.MILLISECONDS.toNanos(5))).isNull();

        calls.get(0).answer();
        assertThat(coalescer.offer(7, 0)).isNotNull();
        calls.get(1).answer();
        assertThat(calls.get(2).requests).as("what timed out was never sent").containsExactly(4, 7);
    }

    @Test
    void an_offer_that_waits_gets_the_room_that_a_batch_leaves() throws Exception {
        for (int i = 0; i < 5; i++) {
            coalescer.offer(i, 0);
        }
        CountDownLatch offering = new CountDownLatch(1);
        CompletableFuture<CompletableFuture<String>> late = CompletableFuture.supplyAsync(() -> {
            offering.countDown();
            try {
                return coalescer.offer(5, NEVER);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        offering.await();

        calls.get(0).answer();

        assertThat(late.get(30, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void submit_ignores_the_bound() {
        for (int i = 0; i < 100; i++) {
            coalescer.submit(i);
        }
        assertThat(calls).hasSize(1);
    }

    @Test
    void idle_means_that_nothing_waits_and_nothing_is_in_flight() throws InterruptedException {
        assertThat(coalescer.awaitIdle(0)).isTrue();
        coalescer.submit(1);
        coalescer.submit(2);
        assertThat(coalescer.awaitIdle(0)).isFalse();
        calls.get(0).answer();
        assertThat(coalescer.awaitIdle(0)).isFalse();
        calls.get(1).answer();
        assertThat(coalescer.awaitIdle(0)).isTrue();
    }

    @Test
    void a_hundred_thousand_batches_answered_at_once_do_not_recurse() {
        CompletableFuture<List<String>> gate = new CompletableFuture<>();
        AtomicInteger count = new AtomicInteger();
        Coalescer<Integer, String> sync = new Coalescer<>(
                1, 1, r -> count.incrementAndGet() == 1 ? gate : CompletableFuture.completedFuture(List.of("x")));
        List<CompletableFuture<String>> replies =
                IntStream.range(0, 100_000).mapToObj(sync::submit).toList();

        gate.complete(List.of("x"));

        assertThat(replies).allMatch(CompletableFuture::isDone);
        assertThat(count).hasValue(100_000);
    }

    @Test
    void a_reply_that_asks_for_more_does_not_recurse() {
        CompletableFuture<List<Integer>> gate = new CompletableFuture<>();
        AtomicInteger count = new AtomicInteger();
        Coalescer<Integer, Integer> sync = new Coalescer<>(
                10, 10, r -> count.incrementAndGet() == 1 ? gate : CompletableFuture.completedFuture(r));
        AtomicInteger seen = new AtomicInteger();
        CompletableFuture<Integer> last = new CompletableFuture<>();
        ask(sync, 100_000, seen, last);

        gate.complete(List.of(100_000));

        assertThat(last).isCompletedWithValue(0);
        assertThat(seen).hasValue(100_001);
    }

    private static void ask(
            Coalescer<Integer, Integer> sync, int n, AtomicInteger seen, CompletableFuture<Integer> last) {
        sync.submit(n).whenComplete((reply, failure) -> {
            seen.incrementAndGet();
            if (failure != null) {
                last.completeExceptionally(failure);
            } else if (reply == 0) {
                last.complete(0);
            } else {
                ask(sync, reply - 1, seen, last);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void under_load_no_more_calls_than_allowed_are_in_flight_and_every_thread_keeps_its_order(int allowed)
            throws Exception {
        AtomicInteger inFlight = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Integer> sent = Collections.synchronizedList(new ArrayList<>());
        ExecutorService network = Executors.newSingleThreadExecutor();
        Function<List<Integer>, CompletableFuture<List<Integer>>> call = requests -> {
            most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
            sent.addAll(requests);
            List<Integer> copy = List.copyOf(requests);
            if (new Random(copy.get(0)).nextInt(4) == 0) {
                inFlight.decrementAndGet();
                return CompletableFuture.completedFuture(copy);
            }
            return CompletableFuture.supplyAsync(
                    () -> {
                        inFlight.decrementAndGet();
                        return copy;
                    },
                    network);
        };
        BatchLimits limits = new BatchLimits(50, 0, 200, 0, Long.MAX_VALUE, allowed);
        Coalescer<Integer, Integer> loaded = new Coalescer<>(limits, request -> 0, () -> 0, Runnable::run, call);
        ExecutorService callers = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                int base = t * 100_000;
                done.add(callers.submit(() -> {
                    List<CompletableFuture<Integer>> replies = new ArrayList<>();
                    for (int i = 0; i < 5000; i++) {
                        replies.add(loaded.offer(base + i, NEVER));
                    }
                    for (int i = 0; i < 5000; i++) {
                        assertThat(replies.get(i).get(30, TimeUnit.SECONDS)).isEqualTo(base + i);
                    }
                    return null;
                }));
            }
            for (Future<?> each : done) {
                each.get(60, TimeUnit.SECONDS);
            }
        } finally {
            callers.shutdownNow();
            network.shutdownNow();
        }
        assertThat(most).hasValueLessThanOrEqualTo(allowed);
        assertThat(sent).hasSize(40_000);
        for (int t = 0; t < 8; t++) {
            int thread = t;
            assertThat(sent.stream().filter(n -> n / 100_000 == thread).toList())
                    .isSorted();
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

    @Test
    void sizes_below_one_are_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Coalescer<>(0, 1, this::send));
        assertThatIllegalArgumentException().isThrownBy(() -> new Coalescer<>(1, 0, this::send));
    }
}
