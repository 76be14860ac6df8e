package io.tidemill.examples.ecoeaze.fraud;

import static io.tidemill.client.Call.call;

import io.tidemill.client.TaskClient;
import io.tidemill.examples.ecoeaze.farm.CustomerOrder;
import io.tidemill.examples.ecoeaze.mail.MailTasks;
import io.tidemill.task.Task;

/** Judges orders in the background. */
public final class FraudTasks {

    /** Who looks at suspicious orders. */
    public static final String REVIEWERS = "orders@ecoeaze.example";

    private final TaskClient queue;
    private final OrderHistory history;

    /** Knows past orders from here, and requests mails from this queue. */
    public FraudTasks(TaskClient queue, OrderHistory history) {
        this.queue = queue;
        this.history = history;
    }

    /** Judges an order by rules, and asks somebody by mail to look at a suspicious one, once. */
    @Task(name = "detect_fraud", queue = "insight", timeout = "30s")
    public FraudVerdict detectFraud(CustomerOrder order) {
        history.add(order);
        FraudVerdict verdict = FraudRules.judge(order, history.before(order), history.customersOfCard(order));
        if (verdict.isSuspicious()) {
            queue.enqueue(call(
                            MailTasks::sendEmail,
                            REVIEWERS,
                            "Suspicious order " + order.id(),
                            "Score " + verdict.score() + "\n\n" + String.join("\n", verdict.reasons()) + "\n")
                    .id("fraud:" + order.id()));
        }
        return verdict;
    }
}
