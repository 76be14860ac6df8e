package io.tidemill;

import static io.tidemill.client.Call.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.client.PreparedJob;
import io.tidemill.client.TransactionHook;
import io.tidemill.client.UnknownTaskException;
import io.tidemill.task.JobState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Jobs that are stored when a transaction is committed. */
class TransactionTest {

    /** Transactions of one thread, as an application has them. */
    private static final class Transactions implements TransactionHook {

        private final List<Runnable> actions = new ArrayList<>();
        private boolean active;

        @Override
        public boolean active() {
            return active;
        }

        @Override
        public void afterCommit(Runnable action) {
            actions.add(action);
        }

        void begin() {
            active = true;
        }

        void commit() {
            active = false;
            actions.forEach(Runnable::run);
            actions.clear();
        }

        void rollBack() {
            active = false;
            actions.clear();
        }
    }

    private final Transactions transactions = new Transactions();

    private TaskQueue queue() {
        return TaskQueue.builder().transactions(transactions).start();
    }

    @Test
    void a_job_is_stored_under_its_id_when_the_transaction_is_committed_and_not_before() {
        try (TaskQueue queue = queue()) {
            transactions.begin();
            PreparedJob job = queue.enqueueAfterCommit(named("send", "Ada"));
            assertThat(queue.job("default", job.id()).state()).isEmpty();

            transactions.commit();

            assertThat(queue.job("default", job.id()).state()).contains(JobState.READY);
        }
    }

    @Test
    void a_job_of_a_transaction_that_is_rolled_back_is_never_stored() {
        try (TaskQueue queue = queue()) {
            transactions.begin();
            queue.enqueueAfterCommit(named("send", "Ada"));
            transactions.rollBack();

            assertThat(queue.admin().counts("default").accepted()).isZero();
        }
    }

    @Test
    void without_a_transaction_a_job_is_stored_at_once() {
        try (TaskQueue queue = queue()) {
            PreparedJob job = queue.enqueueAfterCommit(named("send", "Ada"));

            assertThat(queue.job("default", job.id()).state()).contains(JobState.READY);
        }
    }

    @Test
    void what_is_wrong_with_a_call_is_thrown_within_the_transaction() {
        try (TaskQueue queue = TaskQueue.builder()
                .transactions(transactions)
                .handle("send", String.class, (text, context) -> {})
                .start()) {
            transactions.begin();
            assertThatThrownBy(() -> queue.enqueueAfterCommit(named("sent", "Ada")))
                    .isInstanceOf(UnknownTaskException.class);
            assertThat(transactions.actions).isEmpty();
        }
    }

    @Test
    void a_queue_that_knows_no_transactions_refuses() {
        try (TaskQueue queue = TaskQueue.builder().start()) {
            assertThatThrownBy(() -> queue.enqueueAfterCommit(named("send", "Ada")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("add transactions(...)");
        }
    }
}
