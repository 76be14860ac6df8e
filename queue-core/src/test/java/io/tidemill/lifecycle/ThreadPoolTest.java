package io.tidemill.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ThreadPoolTest {

    private final ThreadPool crew = new ThreadPool("crew-");

    @AfterEach
    void end() {
        crew.shutdownNow();
    }

    @Test
    void no_task_waits_for_another_to_end() throws Exception {
        int tasks = 300;
        CountDownLatch all = new CountDownLatch(tasks);
        for (int i = 0; i < tasks; i++) {
            crew.execute(() -> {
                all.countDown();
                await(all);
            });
        }
        assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void a_task_that_comes_while_all_threads_are_busy_gets_a_new_one() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        for (int i = 0; i < 50; i++) {
            crew.execute(() -> await(hold));
            assertThat(crew.submit(() -> "ran").get(30, TimeUnit.SECONDS)).isEqualTo("ran");
        }
        hold.countDown();
    }

    @Test
    void many_short_tasks_are_run_by_a_few_threads() throws Exception {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        List<Future<?>> tasks = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            tasks.add(crew.submit(() -> threads.add(Thread.currentThread().getName())));
        }
        for (Future<?> task : tasks) {
            task.get(30, TimeUnit.SECONDS);
        }
        // One thread per task would be thousands; how few it takes depends on the machine.
        assertThat(threads).hasSizeLessThan(1000);
    }

    @Test
    void every_task_runs_once_whoever_hands_it_in() throws Exception {
        int producers = 8;
        int each = 5000;
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(producers * each);
        for (int p = 0; p < producers; p++) {
            new Thread(() -> {
                        for (int i = 0; i < each; i++) {
                            crew.execute(() -> {
                                runs.incrementAndGet();
                                all.countDown();
                            });
                        }
                    })
                    .start();
        }
        assertThat(all.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(runs).hasValue(producers * each);
    }

    @Test
    void neither_an_error_nor_an_interrupt_reaches_the_next_task() throws Exception {
        for (int i = 0; i < 100; i++) {
            crew.execute(() -> {
                Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> {});
                Thread.currentThread().interrupt();
                throw new AssertionError("ends this task and no thread");
            });
            assertThat(crew.submit(() -> Thread.currentThread().isInterrupted()).get(30, TimeUnit.SECONDS))
                    .isFalse();
        }
    }

    @Test
    void after_a_shutdown_what_was_handed_in_still_runs_and_nothing_more_is_taken() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch hold = new CountDownLatch(1);
        for (int i = 0; i < 20; i++) {
            crew.execute(() -> {
                await(hold);
                runs.incrementAndGet();
            });
        }
        crew.shutdown();
        assertThatThrownBy(() -> crew.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        assertThat(crew.isTerminated()).isFalse();
        hold.countDown();
        assertThat(crew.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(crew.isTerminated()).isTrue();
        assertThat(runs).hasValue(20);
    }

    @Test
    void idle_threads_end_at_once_when_it_shuts_down() throws Exception {
        crew.submit(() -> {}).get(30, TimeUnit.SECONDS);
        crew.shutdown();
        assertThat(crew.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void a_shutdown_at_once_interrupts_what_runs() throws Exception {
        CountDownLatch began = new CountDownLatch(1);
        crew.execute(() -> {
            began.countDown();
            await(new CountDownLatch(1));
        });
        assertThat(began.await(30, TimeUnit.SECONDS)).isTrue();
        crew.shutdownNow();
        assertThat(crew.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) {
                throw new AssertionError("waited in vain");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
