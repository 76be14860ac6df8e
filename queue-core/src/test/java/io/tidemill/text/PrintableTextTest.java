package io.tidemill.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTextTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "nudge:ada@example.com", "two words", "Größe 42 €", "注文/7", "go\uD83D\uDE80", "{a}!%*"})
    void text_of_any_language_passes_unchanged(String text) {
        assertThat(PrintableText.check("job id", text)).isSameAs(text);
        assertThat(PrintableText.isPrintable(text)).isTrue();
    }

    @Test
    void the_longest_text_passes_and_one_character_more_does_not() {
        PrintableText.check("job id", "ü".repeat(256));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PrintableText.check("job id", "ü".repeat(257)))
                .withMessage("job id must have 1 to 256 characters, got 257");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PrintableText.check("job id", ""))
                .withMessage("job id must have 1 to 256 characters, got 0");
        assertThat(PrintableText.isPrintable("")).isFalse();
    }

    @Test
    void what_is_not_printable_is_named_with_its_place_and_never_echoed() {
        for (String evil : List.of(
                "a\nb",
                "a\u001b[31mb",
                "a\u202eb",
                "a\u2066b",
                "a\u0000b",
                "a\u007fb",
                "a\u0085b",
                "a\u2028b",
                "a\ud83dz",
                "a\ude80b")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PrintableText.check("unique key", evil))
                    .withMessageMatching(
                            "unique key may hold only printable characters, but has U\\+[0-9A-F]{4} at position 1");
            assertThat(PrintableText.isPrintable(evil)).isFalse();
        }
    }

    @Test
    void the_order_is_that_of_bytes_in_utf_8() {
        List<String> texts = List.of(
                "a", "a b", "a!b", "ab", "b", "aü", "a\uFFFDx", "a\uD83D\uDE80", "a\uE000", "\uD83D\uDE80", "注");
        for (String a : texts) {
            for (String b : texts) {
                int bytes =
                        Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
                assertThat(Integer.signum(PrintableText.ORDER.compare(a, b)))
                        .as("%s and %s", a, b)
                        .isEqualTo(Integer.signum(bytes));
            }
        }
    }
}
