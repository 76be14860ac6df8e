package io.tidemill.examples.ecoeaze.sms;

import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskSignal;
import java.io.IOException;

/** Text messages in the background. */
public final class SmsTasks {

    private static final int LONGEST = 480;

    private final SmsGateway gateway;

    /** Sends through this gateway. */
    public SmsTasks(SmsGateway gateway) {
        this.gateway = gateway;
    }

    /**
     * Sends a text message. A gateway that is down or busy is tried again, after the time that it asks for; what it
     * refuses is given up at once. The gateway knows messages by the job's id, so that nobody gets one twice.
     *
     * @param phone in international form, such as {@code +4930123456}
     * @return the gateway's number of the message
     */
    @Task(
            name = "send_sms",
            queue = "sms",
            timeout = "20s",
            retry = @Retry(maxAttempts = 8, delay = "250ms", multiplier = 4, maxDelay = "10m"))
    public String sendSms(String phone, String text) throws IOException, InterruptedException {
        if (!phone.matches("\\+[1-9][0-9]{6,14}")) {
            throw new TaskSignal.GiveUp("'" + phone + "' is not a phone number in international form");
        }
        if (text.length() > LONGEST) {
            throw new TaskSignal.GiveUp("a text message has at most " + LONGEST + " characters, not " + text.length());
        }
        return gateway.send(TaskContext.current().jobId(), phone, text);
    }
}
