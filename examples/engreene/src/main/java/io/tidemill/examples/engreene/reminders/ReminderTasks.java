package io.tidemill.examples.engreene.reminders;

import io.tidemill.client.Call;
import io.tidemill.client.TaskClient;
import io.tidemill.examples.engreene.jobs.JobQueueService;
import io.tidemill.examples.engreene.mail.Email;
import io.tidemill.examples.engreene.market.Client;
import io.tidemill.examples.engreene.market.Marketplace;
import io.tidemill.examples.engreene.market.Vendor;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskSignal;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What happens while a vendor does not answer. These are steps of {@link ReplyWatch}, and types of jobs as well. Mails
 * are jobs of their own, named by the step that asks for them: a step that runs again asks for no second mail.
 */
public final class ReminderTasks {

    /** The type of the jobs that remind a vendor. */
    public static final String REMINDER = "response_reminder";

    /** The type of the jobs that recommend other vendors. */
    public static final String ALTERNATIVES = "alternative_vendor_recommendation";

    private final TaskClient queue;
    private final Marketplace market;

    /** Asks for mails here. */
    public ReminderTasks(TaskClient queue, Marketplace market) {
        this.queue = queue;
        this.market = market;
    }

    /** Reminds the vendor by mail. */
    @Task(
            name = REMINDER,
            queue = JobQueueService.QUEUE,
            retry = @Retry(maxAttempts = 8, delay = "250ms", maxDelay = "10m"))
    public void responseReminder(Reminder reminder) {
        Conversation conversation = reminder.conversation();
        Vendor vendor = known(() -> market.vendor(conversation.vendorId()));
        Client client = known(() -> market.client(conversation.clientId()));
        mail(new Email(
                vendor.email(),
                client.name() + " has been waiting for " + reminder.hours() + " hours",
                "Hello " + vendor.name() + ",\n\n" + client.name()
                        + " has written to you and has no answer yet. Conversation: " + conversation.id()
                        + "\n\nEngreene\n"));
    }

    /** Recommends other vendors of the same category to the client by mail, and gives their ids, best first. */
    @Task(
            name = ALTERNATIVES,
            queue = JobQueueService.QUEUE,
            retry = @Retry(maxAttempts = 8, delay = "250ms", maxDelay = "10m"))
    public ConversationEnd alternativeVendorRecommendation(Conversation conversation) {
        Vendor silent = known(() -> market.vendor(conversation.vendorId()));
        Client client = known(() -> market.client(conversation.clientId()));
        List<Vendor> others = market.alternatives(silent);
        if (!others.isEmpty()) {
            mail(new Email(
                    client.email(),
                    "Others who offer " + silent.category(),
                    "Hello " + client.name() + ",\n\n" + silent.name() + " has not answered. These may:\n"
                            + others.stream()
                                    .map(each -> "- " + each.name() + "\n")
                                    .collect(Collectors.joining())
                            + "\nEngreene\n"));
        }
        return new ConversationEnd(
                conversation.id(), false, others.stream().map(Vendor::id).toList());
    }

    /** Ends the wait: the vendor has answered. */
    @Task(name = "vendor_replied", queue = JobQueueService.QUEUE)
    public ConversationEnd vendorReplied(Reply reply, Conversation conversation) {
        if (reply.text().isBlank()) {
            throw new TaskSignal.GiveUp("the reply in conversation " + conversation.id() + " is empty");
        }
        return new ConversationEnd(conversation.id(), true, List.of());
    }

    private void mail(Email email) {
        String id = TaskContext.current().jobId() + ":mail";
        queue.enqueue(Call.named(Email.TYPE, email).queue(JobQueueService.QUEUE).id(id));
    }

    /** To look again would not help: who is not known now will not be known then. */
    private static <V> V known(Supplier<V> look) {
        try {
            return look.get();
        } catch (NoSuchElementException e) {
            throw new TaskSignal.GiveUp(e);
        }
    }
}
