package io.tidemill.redis.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemill.text.PrintableText;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireTextTest {

    private static final List<String> TEXTS = List.of(
            "a",
            "a b",
            " ",
            "!",
            "!0",
            "! !1",
            "a!b",
            "a\"b",
            "nudge:ada@example.com",
            "Größe",
            "注文",
            "go\uD83D\uDE80",
            "\uFFFD");

    @Test
    void every_text_is_read_as_it_was() {
        for (String text : TEXTS) {
            assertThat(WireText.read("key", WireText.of("key", text))).isEqualTo(text);
            assertThat(WireText.show(WireText.of("key", text))).isEqualTo(text);
        }
    }

    @Test
    void a_text_of_the_usual_characters_is_its_own() {
        assertThat(WireText.of("key", "nudge:ada@example.com")).isSameAs("nudge:ada@example.com");
        assertThat(WireText.of("key", "two words!")).isEqualTo("two!0words!1");
    }

    @Test
    void nothing_in_it_separates_words_and_each_character_is_a_byte() {
        for (String text : TEXTS) {
            assertThat(WireText.of("key", text).chars()).allMatch(c -> c > ' ' && c < 256);
        }
    }

    @Test
    void the_order_is_that_of_the_texts() {
        List<String> wires = TEXTS.stream()
                .sorted(PrintableText.ORDER)
                .map(text -> WireText.of("key", text))
                .toList();

        assertThat(wires).isSortedAccordingTo(Comparator.naturalOrder());
    }

    @Test
    void what_something_else_wrote_is_refused_and_shown_as_it_stands() {
        for (String foreign : List.of("two words", "50!", "!2", "\u00ff", "a\nb", "a\u0000")) {
            assertThatIllegalArgumentException().as(foreign).isThrownBy(() -> WireText.read("job id", foreign));
        }
        assertThat(WireText.show("\u00ff")).isEqualTo("\u00ff");
    }
}
