package io.tidemill.examples.engreene.reminders;

import static io.tidemill.client.Call.call;

import io.tidemill.workflow.Step;
import io.tidemill.workflow.Workflow;
import io.tidemill.workflow.WorkflowBuilder;
import java.time.Duration;
import java.util.List;

/**
 * The wait for a vendor's answer, as a workflow. Each reminder has a step that waits for the signal {@value #SIGNAL} up
 * to the reminder's time; if it has not come by then the vendor is reminded. The answer ends all that still wait, so no
 * further reminder is sent. Without an answer the last reminder is followed by a recommendation of other vendors.
 *
 * <pre>
 * 8 h   no answer: reminder
 * 24 h  no answer: reminder
 * 48 h  no answer: reminder
 * 168 h no answer: reminder, then alternative vendors     an answer at any time: the end
 * </pre>
 *
 * <p>Nothing runs and no thread waits in the meantime, and the wait outlives all processes.
 */
public final class ReplyWatch {

    /** What the answer is sent as. */
    public static final String SIGNAL = "reply";

    private ReplyWatch() {}

    /** The id of the workflow of a conversation: the same one is watched once. */
    public static String id(String conversationId) {
        return "conversation:" + conversationId;
    }

    /**
     * The workflow.
     *
     * @param hours when the vendor is reminded, rising
     * @param hour how long one of these hours is
     */
    public static Workflow<ConversationEnd> of(Conversation conversation, List<Integer> hours, Duration hour) {
        return Workflow.<ConversationEnd>workflow("reply watch", w -> {
                    int last = hours.get(hours.size() - 1);
                    for (int since : hours.subList(0, hours.size() - 1)) {
                        Step<Reply> reply = w.signal(SIGNAL, Reply.class, hour.multipliedBy(since));
                        Step<Boolean> isAnswered = w.given(reply);
                        remind(w, conversation, since).unless(isAnswered);
                    }
                    Step<Reply> reply = w.signal(SIGNAL, Reply.class, hour.multipliedBy(last));
                    Step<Boolean> isAnswered = w.given(reply);
                    Step<?> reminder = remind(w, conversation, last).unless(isAnswered);
                    return w.firstOf(
                            reply.then(ReminderTasks::vendorReplied, conversation),
                            w.step(call(ReminderTasks::alternativeVendorRecommendation, conversation))
                                    .unless(isAnswered)
                                    .after(reminder));
                })
                .id(id(conversation.id()))
                .keep(Duration.ofDays(30));
    }

    private static Step<?> remind(WorkflowBuilder w, Conversation conversation, int hours) {
        return w.step(call(ReminderTasks::responseReminder, new Reminder(conversation, hours)))
                .named("reminder after " + hours + " h");
    }
}
