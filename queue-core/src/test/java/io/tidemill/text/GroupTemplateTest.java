package io.tidemill.text;

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
        assertThat(resolve("{0}", "{0}$1")).hasSize(32);
    }

    @Test
    @SuppressWarnings("NullAway") // what a caller without a null checker does
    void a_null_argument_is_a_group_like_any_other() {
        assertThat(resolve("customer:{0}", new Object[] {null})).isEqualTo("customer:null");
    }

    /** The digits are those of sha256sum, so that another language finds the same group. */
    @Test
    void a_text_that_is_no_name_is_hashed() {
        assertThat(resolve("{0}", "ada@example.com")).isEqualTo("b5fc85e55755f9e0d030a10ab4429b6b");
        assertThat(resolve("to:{0}", "žluťoučký")).isEqualTo("8933425b0d2d2dc5e851a8d1b9d97a42");
        assertThat(resolve("{0}", "x".repeat(129))).isEqualTo("0ec9eb33e74510bcdd1f2ea55206e82f");
        assertThat(resolve("{0}", "")).isEqualTo("e3b0c44298fc1c149afbf4c8996fb924");
        assertThat(resolve("{0}", "x".repeat(128))).isEqualTo("x".repeat(128));
    }

    @Test
    void a_place_without_an_argument_is_refused() {
        assertThatThrownBy(() -> GroupTemplate.of("customer:{2}", 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("group \"customer:{2}\" names argument 2, but the task takes 2, counted from 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cust omer:{0}", "{name}", "{0", "{-1}", "{9999}", "ä{0}"})
    void text_that_cannot_be_part_of_a_name_is_refused(String template) {
        assertThatThrownBy(() -> GroupTemplate.of(template, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("group may hold only");
    }
}
