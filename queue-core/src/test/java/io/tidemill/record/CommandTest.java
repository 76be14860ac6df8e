package io.tidemill.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.CommandAnswer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandTest {

    private static Command decoded(String json) {
        return Command.decode(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void each_command_reads_back_as_it_was_written() {
        for (Command command : new Command[] {
            new Command.Ping(),
            new Command.Quiet(),
            new Command.Resume(),
            new Command.Resize(7),
            new Command.Stop(Duration.ofSeconds(30)),
            new Command.Stack("order:äöü 7"),
            new Command.Timeout("send_email", Duration.ofDays(3650)),
            new Command.Timeout("send_email", null)
        }) {
            assertThat(Command.decode(command.encode())).isEqualTo(command);
        }
    }

    @Test
    void a_command_of_a_later_version_is_unknown_by_its_name() {
        assertThat(decoded("{\"command\":\"dance\",\"steps\":3}")).isEqualTo(new Command.Unknown("dance"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not JSON",
                "[]",
                "{}",
                "{\"command\":\"two\\nlines\"}",
                "{\"command\":\"resize\"}",
                "{\"command\":\"resize\",\"jobs\":\"many\"}",
                "{\"command\":\"resize\",\"jobs\":5000000000}",
                "{\"command\":\"stop\",\"graceMillis\":-1}",
                "{\"command\":\"stop\",\"graceMillis\":9000000000000000000}",
                "{\"command\":\"stop\",\"graceMillis\":\"soon\"}",
                "{\"command\":\"stop\",\"graceMillis\":1e300}",
                "{\"command\":\"stack\",\"job\":\"two\\nlines\"}",
                "{\"command\":\"timeout\",\"task\":\"a b\",\"limitMillis\":5}",
                "{\"command\":\"timeout\",\"task\":\"a\",\"limitMillis\":-5}",
                "{\"command\":\"timeout\",\"task\":\"a\"}"
            })
    void what_is_not_a_command_or_has_a_value_out_of_range_is_not_obeyed(String json) {
        assertThat(decoded(json)).isEqualTo(new Command.Unknown("?"));
    }

    @Test
    void an_answer_fits_into_its_room_whatever_characters_the_names_in_it_have() {
        for (String odd : new String[] {"\u0000", "\ud800", "\u20ac", "\"", "\n", "a"}) {
            byte[] body = Answer.done(odd.repeat(100_000)).encode();

            assertThat(body).hasSizeLessThanOrEqualTo(CommandAnswer.MAX_BYTES);
            assertThat(Answer.decode(body).outcome()).isEqualTo(Answer.Outcome.DONE);
            assertThat(Answer.decode(body).text())
                    .hasSize(Answer.MAX_CHARACTERS)
                    .endsWith("...");
        }
    }

    @Test
    void an_answer_that_cannot_be_read_is_a_refusal() {
        assertThat(Answer.decode("nonsense".getBytes(StandardCharsets.UTF_8)).outcome())
                .isEqualTo(Answer.Outcome.REFUSED);
    }
}
