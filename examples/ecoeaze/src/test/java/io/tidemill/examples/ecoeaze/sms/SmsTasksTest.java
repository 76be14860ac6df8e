package io.tidemill.examples.ecoeaze.sms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.examples.ecoeaze.demo.SmsCentre;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskSignal;
import io.tidemill.test.TestContext;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SmsTasksTest {

    @Test
    void handsTheMessageToTheGateway() throws Exception {
        try (SmsCentre centre = SmsCentre.start(0)) {
            assertThat(send(centre.url(), "job-1", "+4930123456", "Größer: \"Äpfel\""))
                    .isEqualTo("sms-job-1");

            assertThat(centre.messages()).isEqualTo(Map.of("job-1", "+4930123456: Größer: \"Äpfel\""));
        }
    }

    @Test
    void sendsOnceWhenTheJobRunsTwice() throws Exception {
        try (SmsCentre centre = SmsCentre.start(0)) {
            send(centre.url(), "job-1", "+4930123456", "Hi");
            send(centre.url(), "job-1", "+4930123456", "Hi");

            assertThat(centre.messages()).hasSize(1);
        }
    }

    @Test
    void waitsAsLongAsABusyGatewayAsksFor() throws Exception {
        try (SmsCentre centre = SmsCentre.start(1)) {
            assertThatThrownBy(() -> send(centre.url(), "job-1", "+4930123456", "Hi"))
                    .isInstanceOfSatisfying(TaskSignal.RetryAfter.class, signal -> {
                        assertThat(signal.delay()).isEqualTo(Duration.ofSeconds(1));
                        assertThat(signal).hasRootCauseMessage("the gateway answered 429 busy");
                    });
            assertThat(send(centre.url(), "job-1", "+4930123456", "Hi")).isEqualTo("sms-job-1");
        }
    }

    @Test
    void givesUpOnWhatTheGatewayRefuses() throws Exception {
        try (SmsCentre centre = SmsCentre.start(0)) {
            assertThatThrownBy(() -> send(centre.url(), "job-1", "+4930123000", "Hi"))
                    .isInstanceOf(TaskSignal.GiveUp.class)
                    .hasMessage("the gateway answered 422 nobody has this number");
        }
    }

    @Test
    void givesUpOnWhatIsNoNumberOrTooLong() throws Exception {
        try (SmsCentre centre = SmsCentre.start(0)) {
            assertThatThrownBy(() -> send(centre.url(), "job-1", "030 123456", "Hi"))
                    .isInstanceOf(TaskSignal.GiveUp.class)
                    .hasMessageContaining("is not a phone number");
            assertThatThrownBy(() -> send(centre.url(), "job-1", "+4930123456", "x".repeat(481)))
                    .isInstanceOf(TaskSignal.GiveUp.class)
                    .hasMessageContaining("at most 480 characters, not 481");
            assertThat(centre.messages()).isEmpty();
        }
    }

    @Test
    void triesAgainWhenTheGatewayIsDown() throws Exception {
        String url;
        try (SmsCentre centre = SmsCentre.start(0)) {
            url = centre.url();
        }

        assertThatThrownBy(() -> send(url, "job-1", "+4930123456", "Hi")).isInstanceOf(IOException.class);
    }

    private static String send(String url, String job, String phone, String text) throws Exception {
        SmsTasks tasks = new SmsTasks(new SmsGateway(URI.create(url)));
        return TaskContext.callWith(TestContext.of(job), () -> tasks.sendSms(phone, text));
    }
}
