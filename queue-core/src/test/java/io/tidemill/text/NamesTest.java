package io.tidemill.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "send_email", "mail.v2:eu-west", "0", "A-Z_a-z.0:9"})
    void good_names_pass_unchanged(String name) {
        assertThat(Names.check("task name", name)).isSameAs(name);
    }

    @Test
    void the_longest_name_passes_and_one_more_does_not() {
        Names.check("job id", "x".repeat(128));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Names.check("job id", "x".repeat(129)))
                .withMessage("job id must have 1 to 128 characters, got 129");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Names.check("job id", ""))
                .withMessage("job id must have 1 to 128 characters, got 0");
    }

    @Test
    void what_is_wrong_is_named_with_its_place() {
        assertRefused("send email", "U+0020", 4);
        assertRefused("a/b", "'/'", 1);
        assertRefused("{tag}", "'{'", 0);
        assertRefused("ab*", "'*'", 2);
        assertRefused("straße", "U+00DF", 4);
    }

    @Test
    void control_and_bidirectional_characters_are_never_echoed() {
        for (String evil : List.of("a\nb", "a\u001b[31mb", "a\u202eb", "a\u0000b", "a\u007fb", "a\ud83dz")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Names.check("queue name", evil))
                    .withMessageMatching("[ -~]+")
                    .withMessageContaining("at position 1");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "sendEmail,  send_email",
        "SEND_EMAIL, send_email",
        "send_emial, send_email",
        "resize,     resize_image_not",
    })
    void the_nearest_name_is_found(String typed, String meant) {
        List<String> names = List.of("send_email", "charge", "import_orders");
        if (names.contains(meant)) {
            assertThat(Names.nearest(typed, names)).contains(meant);
        } else {
            assertThat(Names.nearest(typed, names)).isEmpty();
        }
    }

    @Test
    void nothing_is_near_when_there_is_nothing() {
        assertThat(Names.nearest("x", List.of())).isEmpty();
    }

    private static void assertRefused(String name, String character, int position) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Names.check("queue name", name))
                .withMessage("queue name may hold only A-Z a-z 0-9 . _ : and -, but has " + character + " at position "
                        + position);
    }
}
