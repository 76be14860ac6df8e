package io.tidemill.client;

import static io.tidemill.client.Call.call;
import static io.tidemill.client.TaskRef.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemill.task.Task;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CallTest {

    static class Mail {
        @Task(name = "send_email", queue = "mail")
        public String send(String to, String subject) {
            return to;
        }

        public void helper() {}
    }

    @Test
    void its_text_names_task_and_choices_and_no_argument_and_no_value_of_a_header() {
        Call<String> call = call(Mail::send, "ada@example.com", "secret")
                .delay(Duration.ofHours(1))
                .priority(8)
                .header("token", "secret");

        assertThat(call)
                .hasToString("call of send_email with 2 arguments,"
                        + " JobOptions[priority=8, delay=PT1H, headers=[token]]");
        assertThat(Call.named("reindex", 7)).hasToString("call of reindex with 1 argument");
    }

    @Test
    void it_says_what_it_was_made_of() {
        Call<String> call = task(Mail::send).call("ada@example.com", null);

        assertThat(call.task()).isEqualTo("send_email");
        assertThat(call.arguments()).containsExactly("ada@example.com", null);
        assertThat(call.definition().orElseThrow().queue()).isEqualTo("mail");
        assertThat(Call.named("send_email").definition()).isEmpty();
    }

    @Test
    void a_call_by_name_keeps_its_arguments_when_the_array_changes() {
        Object[] arguments = {"ada"};
        Call<Object> call = Call.named("send_email", arguments);
        arguments[0] = "bob";

        assertThat(call.arguments()).containsExactly("ada");
    }

    @Test
    void a_reference_to_a_method_that_is_no_task_is_refused_when_it_is_made() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> task(Mail::helper))
                .withMessageContaining("helper");
    }
}
