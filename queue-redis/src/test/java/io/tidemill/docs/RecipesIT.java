package io.tidemill.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.event.Probe;
import io.tidemill.event.QueueEvent;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/** Runs the Java of docs/recipes.md, whose text {@link DocumentsTest} compares. */
class RecipesIT {

    @Test
    void effects_once() throws Exception {
        Bank bank = new Bank();
        Ledger ledger = new Ledger();
        try (TaskQueue queue =
                TaskQueue.builder().tasks(new Payments(bank, ledger)).start()) {
            queue.enqueue(Payments::charge, 42L).await(Duration.ofSeconds(20));
            queue.enqueue(Payments::book, 42L).await(Duration.ofSeconds(20));
        }
        assertThat(bank.charges).hasSize(1);
        assertThat(ledger.entries).hasSize(1);
    }

    // region: effect-once
    public static class Payments {

        private final Bank bank;
        private final Ledger ledger;

        public Payments(Bank bank, Ledger ledger) {
            this.bank = bank;
            this.ledger = ledger;
        }

        /** The other side knows idempotency keys: the job's id is the same in every run. */
        @Task
        public void charge(long orderId) {
            bank.charge(TaskContext.current().jobId(), orderId);
        }

        /** The effect is a row of a database: the job's id is its primary key, in the same transaction as the rest. */
        @Task
        public void book(long orderId) {
            if (!ledger.insertUnlessThere(TaskContext.current().jobId(), orderId)) {
                return; // an earlier run has done it
            }
        }
    }
    // endregion

    static class Bank {
        final Map<String, Long> charges = new ConcurrentHashMap<>();

        void charge(String key, long order) {
            charges.putIfAbsent(key, order);
        }
    }

    static class Ledger {
        final Map<String, Long> entries = new ConcurrentHashMap<>();

        boolean insertUnlessThere(String id, long order) {
            return entries.putIfAbsent(id, order) == null;
        }
    }

    @Test
    void figures() throws Exception {
        Mails mails = new Mails();
        // region: figures
        LongAdder succeeded = new LongAdder();
        LongAdder failed = new LongAdder();
        Map<String, LongAdder> requests = new ConcurrentHashMap<>();
        TaskQueue queue = TaskQueue.builder()
                .tasks(mails)
                .listener(event -> {
                    if (event instanceof QueueEvent.Succeeded) {
                        succeeded.increment();
                    } else if (event instanceof QueueEvent.Died || event instanceof QueueEvent.Retrying) {
                        failed.increment();
                    }
                })
                .probe(new Probe() {
                    @Override
                    public void answered(Hop hop) {
                        requests.computeIfAbsent(hop.name(), name -> new LongAdder())
                                .increment();
                    }
                })
                .start();
        // endregion
        try (queue) {
            queue.enqueue(Mails::send, "ada@example.com").await(Duration.ofSeconds(20));
            // region: depth
            QueueCounts counts = queue.admin().counts("mail");
            long backlog = counts.ready() + counts.scheduled();
            // endregion
            assertThat(backlog).isZero();
            // Whoever awaits the job may be faster than the listeners.
            Waits.until("listeners have seen that it succeeded", () -> succeeded.sum() == 1);
        }
        assertThat(failed.sum()).isZero();
        assertThat(requests).containsKey("enqueue");
    }

    public static class Mails {
        @Task(queue = "mail")
        public String send(String to) {
            return "sent to " + to;
        }
    }
}
