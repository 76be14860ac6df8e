package io.tidemill.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CoalescerTest extends CoalescerHarness {

    @Test
    void a_lone_request_goes_at_once_on_the_callers_thread() {
        CompletableFuture<String> reply = coalescer.submit(1);

        assertThat(calls).singleElement().satisfies(call -> {
            assertThat(call.requests()).containsExactly(1);
            assertThat(call.thread()).isSameAs(Thread.currentThread());
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
        assertThat(calls.get(1).requests()).containsExactly(2, 3, 4);
        assertThat(replies.get(0)).isCompleted();
        assertThat(replies.get(1)).isNotDone();

        calls.get(1).answer();
        assertThat(calls.get(2).requests()).containsExactly(5, 6);
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
        assertThat(calls.get(1).requests()).containsExactly(2, 3, 4);

        List<CompletableFuture<String>> rest =
                IntStream.rangeClosed(5, 8).mapToObj(two::submit).toList();
        assertThat(calls).as("no third call").hasSize(2);
        calls.get(1).answer();
        assertThat(calls.get(2).requests())
                .as("full again, so beside the first")
                .containsExactly(5, 6, 7);
        calls.get(2).answer();
        assertThat(calls).as("one is left, and the first is still in flight").hasSize(3);
        assertThat(two.isIdle()).isFalse();
        calls.get(0).answer();
        assertThat(calls.get(3).requests()).containsExactly(8);
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

        assertThat(calls).extracting(call -> call.requests().size()).containsExactly(1, 50, 50, 50, 50, 50, 50);
    }

    private static void goOn(Coalescer<Integer, String> coalescer, int caller) {
        coalescer.submit(caller).thenRun(() -> goOn(coalescer, caller));
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
        assertThat(calls.get(2).requests()).as("what timed out was never sent").containsExactly(4, 7);
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
    void sizes_below_one_are_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Coalescer<>(0, 1, this::send));
        assertThatIllegalArgumentException().isThrownBy(() -> new Coalescer<>(1, 0, this::send));
    }
}
