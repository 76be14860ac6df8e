package io.tidemill.lifecycle;

import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Platform threads without bound, that are not woken more often than they are needed. No task waits for another to end,
 * but a hundred short ones that come together are run by the two or three threads that can run at once, and not by a
 * hundred: to wake a thread costs more than many a job.
 *
 * <p>How: whoever hands in a task calls one thread, unless one is called already. A thread that was called takes the
 * first task and, if more are waiting, calls the next thread before it runs its own. So as long as tasks wait, a thread
 * is on its way; and a thread that is done with a short task takes another before the called one has even woken up.
 *
 * <p>Idle threads end after a while; the last that went idle is the first to be called. Thread-safe.
 */
final class ThreadPool extends AbstractExecutorService {

    private static final Duration IDLE = Duration.ofSeconds(30);

    private final String prefix;
    /** Of the thread that made this executor: whoever hands in a task may be a thread of a library. */
    private final @Nullable ClassLoader loader = Thread.currentThread().getContextClassLoader();

    private final Clock clock = Clock.system();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private final ArrayDeque<Member> idle = new ArrayDeque<>();
    private final Set<Member> members = new HashSet<>();
    private long made;
    /** Whether a thread is on its way to the first waiting task. While tasks wait, one is. */
    private boolean isCalling;

    private volatile boolean isShut;

    ThreadPool(String prefix) {
        this.prefix = prefix;
    }

    @Override
    public void execute(Runnable task) {
        Member called;
        lock.lock();
        try {
            if (isShut) {
                throw new RejectedExecutionException("the executor was shut down");
            }
            waiting.add(task);
            try {
                called = callNext();
            } catch (OutOfMemoryError e) {
                waiting.removeLastOccurrence(task);
                throw e;
            }
        } finally {
            lock.unlock();
        }
        try {
            rouse(called);
        } catch (OutOfMemoryError e) {
            if (takeBack(task)) {
                throw e;
            }
        }
    }

    @Override
    public void shutdown() {
        lock.lock();
        try {
            isShut = true;
            idle.forEach(member -> LockSupport.unpark(member.thread));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<Runnable> shutdownNow() {
        shutdown();
        lock.lock();
        try {
            List<Runnable> left = new ArrayList<>(waiting);
            waiting.clear();
            members.forEach(member -> member.thread.interrupt());
            return left;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isShutdown() {
        return isShut;
    }

    @Override
    public boolean isTerminated() {
        lock.lock();
        try {
            return isShut && members.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        long rest = unit.toNanos(timeout);
        lock.lockInterruptibly();
        try {
            while (!isShut || !members.isEmpty()) {
                if (rest <= 0) {
                    return false;
                }
                rest = ended.awaitNanos(rest);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock: the thread to wake after it; null for none. */
    private @Nullable Member callNext() {
        if (isCalling || waiting.isEmpty()) {
            return null;
        }
        Member member = idle.pollLast();
        if (member == null) {
            // Both may fail on a full heap; then nobody is called, and the next task that comes tries again.
            member = new Member(prefix + ++made);
            members.add(member);
        }
        isCalling = true;
        member.isCalled = true;
        return member;
    }

    /** A new thread that cannot be started is forgotten; the next task that comes tries again. */
    private void rouse(@Nullable Member member) {
        if (member == null) {
            return;
        }
        if (member.isStarted) {
            LockSupport.unpark(member.thread);
            return;
        }
        try {
            member.isStarted = true;
            member.thread.start();
        } catch (OutOfMemoryError e) {
            lock.lock();
            try {
                members.remove(member);
                isCalling = false;
            } finally {
                lock.unlock();
            }
            throw e;
        }
    }

    private boolean takeBack(Runnable task) {
        lock.lock();
        try {
            return waiting.remove(task);
        } finally {
            lock.unlock();
        }
    }

    private final class Member implements Runnable {

        final Thread thread;
        boolean isStarted;
        volatile boolean isCalled;

        Member(String name) {
            thread = new Thread(null, this, name, 0, false);
            thread.setDaemon(true);
        }

        @Override
        public void run() {
            for (Runnable task = next(); task != null; task = next()) {
                if (!isShut) {
                    // An interrupt that the last task left behind is not for this one.
                    Thread.interrupted();
                }
                if (thread.getContextClassLoader() != loader) {
                    thread.setContextClassLoader(loader);
                }
                try {
                    task.run();
                } catch (Throwable t) {
                    thread.getUncaughtExceptionHandler().uncaughtException(thread, t);
                }
            }
        }

        /** The next task; null if this thread is to end. */
        private @Nullable Runnable next() {
            while (true) {
                Runnable task;
                Member called = null;
                lock.lock();
                try {
                    arrived();
                    task = waiting.poll();
                    try {
                        called = callNext();
                    } catch (OutOfMemoryError e) {
                        // Its own task is in hand and is run all the same.
                    }
                    if (task == null) {
                        if (isShut) {
                            leave();
                            return null;
                        }
                        idle.addLast(this);
                    }
                } finally {
                    lock.unlock();
                }
                if (task != null) {
                    callQuietly(called);
                    return task;
                }
                if (!awaitCall()) {
                    return null;
                }
            }
        }

        private void arrived() {
            if (isCalled) {
                isCalled = false;
                isCalling = false;
            }
        }

        /** Where no more threads are to be had, those that run take what waits when they are done. */
        private void callQuietly(@Nullable Member called) {
            try {
                rouse(called);
            } catch (OutOfMemoryError e) {
                thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
            }
        }

        /** Waits to be called; false if nobody did for so long that this thread is to end. */
        private boolean awaitCall() {
            long deadline = clock.nanos() + IDLE.toNanos();
            while (!isCalled && !isShut) {
                // An interrupt that the last task left behind would end every wait.
                Thread.interrupted();
                long rest = deadline - clock.nanos();
                if (rest <= 0) {
                    break;
                }
                LockSupport.parkNanos(ThreadPool.this, rest);
            }
            Thread.interrupted();
            lock.lock();
            try {
                if (isCalled) {
                    return true;
                }
                idle.remove(this);
                if (!isShut) {
                    leave();
                }
                return isShut;
            } finally {
                lock.unlock();
            }
        }

        private void leave() {
            members.remove(this);
            if (members.isEmpty()) {
                ended.signalAll();
            }
        }
    }
}
