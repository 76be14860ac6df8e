package io.tidemill.conformance;

import io.tidemill.broker.BrokerListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Keeps the messages it receives, and waits for those it should receive. */
final class RecordingListener implements BrokerListener {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<String> heard = new ArrayList<>();
    private final Duration patience;

    RecordingListener(Duration patience) {
        this.patience = patience;
    }

    @Override
    public void ready(String queue) {
        hear("ready " + queue);
    }

    @Override
    public void finished(String queue, String id) {
        hear("finished " + queue + " " + id);
    }

    @Override
    public void cancelRequested(String queue, String id) {
        hear("cancelRequested " + queue + " " + id);
    }

    @Override
    public void commanded(String queue) {
        hear("commanded " + queue);
    }

    List<String> heard() {
        lock.lock();
        try {
            return List.copyOf(heard);
        } finally {
            lock.unlock();
        }
    }

    void forget() {
        lock.lock();
        try {
            heard.clear();
        } finally {
            lock.unlock();
        }
    }

    void await(String news) {
        lock.lock();
        try {
            long rest = patience.toNanos();
            while (!heard.contains(news)) {
                if (rest <= 0) {
                    throw new AssertionError("not heard within " + patience + ": " + news + "; heard were " + heard);
                }
                rest = changed.awaitNanos(rest);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    private void hear(String news) {
        lock.lock();
        try {
            heard.add(news);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
