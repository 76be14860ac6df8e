package io.tidemill.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.time.Alarm;
import io.tidemill.time.Clock;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopTest {

    private final Semaphore rounds = new Semaphore(0);
    private Loop loop = loop(() -> Alarm.FOREVER);

    private Loop loop(Loop.Step step) {
        return new Loop("test-loop", Clock.system(), () -> {
            rounds.release();
            return step.run();
        });
    }

    @AfterEach
    void stop() {
        loop.stop();
    }

    private void awaitRounds(int count) throws InterruptedException {
        assertThat(rounds.tryAcquire(count, 30, TimeUnit.SECONDS))
                .as("%s more rounds", count)
                .isTrue();
    }

    @Test
    void an_error_that_cannot_even_be_logged_does_not_end_a_loop() throws Exception {
        CountDownLatch secondRound = new CountDownLatch(2);
        Loop loop = new Loop("full", Clock.system(), () -> {
            secondRound.countDown();
            throw new OutOfMemoryError("Java heap space") {
                @Override
                public String toString() {
                    throw new OutOfMemoryError("Java heap space");
                }

                @Override
                public void printStackTrace(PrintStream out) {
                    throw new OutOfMemoryError("Java heap space");
                }
            };
        });
        loop.start();
        try {
            assertThat(secondRound.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            loop.stop();
        }
    }

    @Test
    void it_runs_a_round_at_once_and_the_next_when_woken() throws InterruptedException {
        loop.start();
        awaitRounds(1);
        loop.wake();
        awaitRounds(1);
        assertThat(rounds.tryAcquire()).isFalse();
    }

    @Test
    void it_repeats_by_itself_after_the_wait_that_the_step_asked_for() throws InterruptedException {
        loop = loop(() -> 1000);
        loop.start();
        awaitRounds(5);
    }

    @Test
    void a_wake_up_during_a_round_is_not_lost() throws InterruptedException {
        CountDownLatch inRound = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        loop = loop(() -> {
            inRound.countDown();
            goOn.await();
            return Alarm.FOREVER;
        });
        loop.start();
        inRound.await();
        loop.wake();
        goOn.countDown();
        awaitRounds(2);
    }

    @Test
    void a_step_that_throws_anything_is_tried_again() throws InterruptedException {
        AtomicInteger count = new AtomicInteger();
        loop = loop(() -> {
            switch (count.incrementAndGet()) {
                case 1 -> throw new IllegalStateException("a test throws this");
                case 2 -> throw new StackOverflowError("a test throws this");
                case 3 -> throw new Exception("a test throws this");
                default -> {
                    return Alarm.FOREVER;
                }
            }
        });
        loop.start();
        for (int i = 0; i < 4; i++) {
            awaitRounds(1);
            loop.wake();
        }
    }

    @Test
    void it_tries_again_by_itself_after_a_failure() throws InterruptedException {
        AtomicInteger count = new AtomicInteger();
        loop = loop(() -> {
            if (count.incrementAndGet() == 1) {
                throw new IllegalStateException("a test throws this");
            }
            return Alarm.FOREVER;
        });
        loop.start();
        awaitRounds(2);
    }

    @Test
    void an_interrupt_does_not_end_it() throws InterruptedException {
        loop = loop(() -> {
            Thread.currentThread().interrupt();
            return Alarm.FOREVER;
        });
        loop.start();
        awaitRounds(1);
        loop.wake();
        awaitRounds(1);
    }

    @Test
    void a_failure_does_not_count_as_a_round() throws InterruptedException {
        AtomicInteger count = new AtomicInteger();
        long[] now = {0};
        Clock clock = new Clock() {
            @Override
            public long millis() {
                return 0;
            }

            @Override
            public long nanos() {
                return now[0];
            }

            /** Waits until it is rung, however long: the next round comes when the test says so. */
            @Override
            public Alarm alarm() {
                Alarm alarm = Clock.system().alarm();
                return new Alarm() {
                    @Override
                    public void ring() {
                        alarm.ring();
                    }

                    @Override
                    public boolean await(long waitNanos) throws InterruptedException {
                        return alarm.await(FOREVER);
                    }
                };
            }
        };
        loop = new Loop("test-loop", clock, () -> {
            if (count.incrementAndGet() == 1) {
                now[0] += Duration.ofMinutes(5).toNanos();
                rounds.release();
                throw new IllegalStateException("a test throws this");
            }
            rounds.release();
            return Alarm.FOREVER;
        });
        now[0] = Duration.ofMinutes(5).toNanos();
        assertThat(loop.late()).as("it was not started").isZero();
        loop.start();
        awaitRounds(1);
        assertThat(loop.late()).isEqualTo(Duration.ofMinutes(5));
        loop.wake();
        awaitRounds(1);
        loop.stop();
        assertThat(loop.late()).isZero();
    }

    @Test
    void stopping_waits_for_the_round_that_runs() throws Exception {
        CountDownLatch inRound = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger ended = new AtomicInteger();
        loop = loop(() -> {
            inRound.countDown();
            goOn.await();
            ended.incrementAndGet();
            return 0;
        });
        loop.start();
        inRound.await();
        CompletableFuture<Integer> stopped = CompletableFuture.supplyAsync(() -> {
            loop.stop();
            return ended.get();
        });

        goOn.countDown();

        assertThat(stopped.get(30, TimeUnit.SECONDS)).isPositive();
    }

    @Test
    void a_loop_may_stop_itself() throws InterruptedException {
        CountDownLatch stopped = new CountDownLatch(1);
        loop = loop(() -> {
            loop.stop();
            stopped.countDown();
            return 0;
        });
        loop.start();
        assertThat(stopped.await(30, TimeUnit.SECONDS)).isTrue();
        loop.stop();
        assertThat(rounds.availablePermits()).isEqualTo(1);
    }

    @Test
    void its_thread_is_a_daemon_and_bears_its_name() throws Exception {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        loop = loop(() -> {
            thread.complete(Thread.currentThread());
            return Alarm.FOREVER;
        });
        loop.start();
        assertThat(thread.get(30, TimeUnit.SECONDS).getName()).isEqualTo("test-loop");
        assertThat(thread.get().isDaemon()).isTrue();
    }
}
