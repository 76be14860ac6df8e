package io.tidemill.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ThreadsTest {

    private static final List<Supplier<ExecutorService>> KINDS =
            List.of(() -> Threads.platform("job-"), () -> Threads.perTask("job-"));

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

    @Test
    void a_task_that_a_thread_of_a_library_handed_in_did_not_find_the_classes_of_the_application() throws Exception {
        ClassLoader application = new URLClassLoader(new URL[0]);
        for (Supplier<ExecutorService> kind : KINDS) {
            ExecutorService executor = inContext(application, kind::get);
            try {
                Callable<ClassLoader> look = () -> Thread.currentThread().getContextClassLoader();
                Callable<ClassLoader> change = () -> {
                    Thread.currentThread().setContextClassLoader(null);
                    return null;
                };
                inContext(null, () -> executor.submit(change)).get();
                for (int i = 0; i < 100; i++) {
                    assertThat(inContext(null, () -> executor.submit(look)).get())
                            .isSameAs(application);
                }
            } finally {
                executor.shutdownNow();
            }
        }
    }

    @Test
    void a_task_saw_what_belonged_to_the_thread_that_handed_in_another() throws Exception {
        InheritableThreadLocal<String> tenant = new InheritableThreadLocal<>();
        for (Supplier<ExecutorService> kind : KINDS) {
            ExecutorService executor = kind.get();
            try {
                tenant.set("ada");
                assertThat(executor.submit(tenant::get).get()).isNull();
            } finally {
                tenant.remove();
                executor.shutdownNow();
            }
        }
    }

    private static <T> T inContext(@Nullable ClassLoader loader, Callable<T> code) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            return code.call();
        } finally {
            thread.setContextClassLoader(before);
        }
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
