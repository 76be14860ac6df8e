package io.tidemill.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThreadsTest {

    @Test
    void tasks_run_at_once_however_many_there_are() throws Exception {
        runTogether(Threads.perTask("job-"), 200);
    }

    @Test
    void platform_threads_do_so_too() throws Exception {
        runTogether(Threads.platform("job-"), 200);
    }

    @Test
    void platform_threads_are_reused() throws Exception {
        ExecutorService executor = Threads.platform("job-");
        try {
            String first =
                    executor.submit(() -> Thread.currentThread().getName()).get();
            List<String> names = new ArrayList<>();
            // A thread takes a moment to become free again, so not every try finds it.
            for (int i = 0; i < 1000; i++) {
                names.add(
                        executor.submit(() -> Thread.currentThread().getName()).get());
            }
            assertThat(names).contains(first);
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void virtual_threads_are_used_where_there_are_any() {
        assertThat(Threads.areVirtual()).isEqualTo(Runtime.version().feature() >= 21);
    }

    private static void runTogether(ExecutorService executor, int count) throws Exception {
        try {
            CountDownLatch together = new CountDownLatch(count);
            List<Future<Thread>> threads = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                threads.add(executor.submit(() -> {
                    together.countDown();
                    assertThat(together.await(30, TimeUnit.SECONDS)).isTrue();
                    return Thread.currentThread();
                }));
            }
            for (Future<Thread> thread : threads) {
                assertThat(thread.get().getName()).startsWith("job-");
                assertThat(thread.get().isDaemon()).isTrue();
            }
        } finally {
            executor.shutdown();
            assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        }
    }
}
