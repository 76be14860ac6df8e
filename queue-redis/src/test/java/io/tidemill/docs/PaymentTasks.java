package io.tidemill.docs;

import io.tidemill.docs.Bank.BusyException;
import io.tidemill.docs.Bank.CardRefusedException;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskSignal;
import java.io.IOException;
import java.time.Duration;

/** Every way to end but the simple ones. */
public class PaymentTasks {

    private final Bank bank;

    public PaymentTasks(Bank bank) {
        this.bank = bank;
    }

    // region: fail-and-retry
    @Task(retry = @Retry(maxAttempts = 8, delay = "5s", maxDelay = "1h", giveUpOn = CardRefusedException.class))
    public String charge(long orderId) throws IOException, CardRefusedException {
        if (bank.isWithdrawn(orderId)) {
            throw new TaskSignal.Cancel("order " + orderId + " was withdrawn"); // ends as cancelled
        }
        if (bank.isClosed()) {
            throw new TaskSignal.Snooze(Duration.ofMinutes(30)); // later; no attempt is spent
        }
        if (!bank.knows(orderId)) {
            throw new TaskSignal.GiveUp("there is no order " + orderId); // failed; not again
        }
        try {
            return bank.charge(TaskContext.current().jobId(), orderId);
        } catch (BusyException e) {
            throw new TaskSignal.RetryAfter(e.retryAfter(), e); // failed; again after this time
        }
    }
    // endregion
}
