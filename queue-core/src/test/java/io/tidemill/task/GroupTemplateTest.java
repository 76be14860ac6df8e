package io.tidemill.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupTemplateTest {

    private static String resolve(String template, Object... arguments) {
        return GroupTemplate.of(template, arguments.length).resolve(arguments);
    }

    @Test
    void arguments_stand_in_their_places() {
        assertThat(resolve("customer:{0}", 42L, "x")).isEqualTo("customer:42");
        assertThat(resolve("{1}.{0}.{1}", "a", "b")).isEqualTo("b.a.b");
        assertThat(resolve("all")).isEqualTo("all");
        assertThat(resolve("{0}", "{0}$1")).isEqualTo("{0}$1");
        assertThat(resolve("Kunde {0}", "žluťoučký@example.com")).isEqualTo("Kunde žluťoučký@example.com");
    }

    @Test
    @SuppressWarnings("NullAway") // what a caller without a null checker does
    void a_null_argument_is_a_group_like_any_other() {
        assertThat(resolve("customer:{0}", new Object[] {null})).isEqualTo("customer:null");
    }

    /** The digits are those of sha256sum, so that another language finds the same group. */
    @Test
    void a_text_that_is_too_long_empty_or_not_printable_is_hashed() {
        assertThat(resolve("{0}", "x".repeat(257))).isEqualTo("15eb95a462ee20bd91a415ae2d4aed34");
        assertThat(resolve("{0}", "two\nlines")).isEqualTo("edc8c1284585d703bec48f34f842bd91");
        assertThat(resolve("{0}", "")).isEqualTo("e3b0c44298fc1c149afbf4c8996fb924");
        assertThat(resolve("{0}", "x".repeat(128))).isEqualTo("x".repeat(128));
        assertThat(resolve("{0}", "x".repeat(256))).isEqualTo("x".repeat(256));
    }

    @Test
    void a_place_without_an_argument_is_refused() {
        assertThatThrownBy(() -> GroupTemplate.of("customer:{2}", 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("group \"customer:{2}\" names argument 2, but the task takes 2, counted from 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"customer\n{0}", "\u202E{0}", "\u0000"})
    void text_that_is_not_printable_is_refused(String template) {
        assertThatThrownBy(() -> GroupTemplate.of(template, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("group may hold only printable characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{name}", "{0", "{-1}", "{9999}", "0}"})
    void a_brace_without_the_number_of_an_argument_is_refused(String template) {
        assertThatThrownBy(() -> GroupTemplate.of(template, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has a brace that belongs to no argument");
    }
}
