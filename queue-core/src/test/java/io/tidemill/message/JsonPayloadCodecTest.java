package io.tidemill.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tidemill.task.PayloadException;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonPayloadCodecTest extends JsonPayloadCodecHarness {

    @Test
    void records_generics_and_times_come_back() {
        Object[] arguments = {ORDER, ORDER.lines(), 7, "text", Map.of("a", ORDER.lines())};

        assertThat(codec.decodeArguments(codec.encodeArguments(arguments, types()), types()))
                .containsExactly(arguments);
    }

    @Test
    void every_type_of_java_time_comes_back_as_text() {
        List<Object> values = List.of(
                Duration.parse("PT1M30.5S"),
                Instant.parse("2026-01-01T00:00:00Z"),
                LocalDate.of(2026, 2, 28),
                LocalDateTime.of(2026, 2, 28, 12, 30),
                LocalTime.of(23, 59, 59, 1),
                OffsetDateTime.parse("2026-01-01T00:00:00+02:00"),
                Period.ofMonths(3),
                YearMonth.of(2026, 12),
                ZonedDateTime.parse("2026-07-01T12:00:00+02:00[Europe/Berlin]"));
        for (Object value : values) {
            byte[] bytes = codec.encodeResult(value, value.getClass());
            assertThat(new String(bytes, StandardCharsets.UTF_8))
                    .startsWith("\"")
                    .endsWith("\"");
            assertThat(codec.decodeResult(bytes, value.getClass())).isEqualTo(value);
        }
    }

    @Test
    void null_is_an_argument_and_a_result() {
        Object[] arguments = {null, null, 0, null, null};
        assertThat(codec.decodeArguments(codec.encodeArguments(arguments, types()), types()))
                .containsExactly(arguments);
        assertThat(codec.decodeResult(codec.encodeResult(null, String.class), String.class))
                .isNull();
    }

    @Test
    void null_is_no_number() {
        for (Class<?> primitive : List.of(int.class, long.class, double.class, boolean.class)) {
            assertRefused("[null]", primitive).withMessageContaining("argument 0 is null");
        }
    }

    @Test
    void unknown_fields_are_ignored_and_missing_ones_are_empty() {
        Object[] arguments = decode("[{\"article\":\"a\",\"color\":{\"deep\":[1,2]}}]", Line.class);

        assertThat(arguments).containsExactly(new Line("a", 0, null));
    }

    @Test
    void a_wrong_number_of_arguments_says_both_numbers() {
        assertRefused("[]", String.class).withMessage("the task takes 1 argument, the job has 0");
        assertRefused("[\"a\",{\"b\":[1]},[]]", String.class).withMessage("the task takes 1 argument, the job has 3");
    }

    @Test
    void an_argument_of_the_wrong_type_is_named_by_its_position() {
        assertThatExceptionOfType(PayloadException.class)
                .isThrownBy(() -> codec.decodeArguments(bytes("[\"a\",\"b\"]"), List.of(String.class, int.class)))
                .withMessageStartingWith("argument 1 does not fit int");
        assertRefused("[{}]", String.class).withMessageStartingWith("argument 0 does not fit java.lang.String");
        assertRefused("[[]]", Line.class);
        assertRefused("[{\"count\":\"many\"}]", Line.class);
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                Duration.class,
                Instant.class,
                LocalDate.class,
                LocalDateTime.class,
                LocalTime.class,
                OffsetDateTime.class,
                Period.class,
                Year.class,
                YearMonth.class,
                ZonedDateTime.class
            })
    void a_time_that_is_none_does_not_fit(Class<?> type) {
        assertRefused("[\"soon\"]", type).withMessageContaining("argument 0 does not fit");
        assertThatExceptionOfType(PayloadException.class).isThrownBy(() -> codec.decodeResult(bytes("\"soon\""), type));
    }

    @Test
    void an_object_of_no_declared_type_becomes_plain_maps_and_lists() {
        assertThat(decode("[{\"@class\":\"java.util.Date\",\"a\":[1]}]", Object.class))
                .containsExactly(Map.of("@class", "java.util.Date", "a", List.of(1)));
    }

    public static final class Selfish {
        public Selfish me = this;
    }

    @Test
    void what_cannot_be_written_says_which_argument_and_what_to_do() {
        assertThatExceptionOfType(PayloadException.class)
                .isThrownBy(() -> codec.encodeUnchecked(new Object[] {"fine", new Object()}, null))
                .withMessageStartingWith("argument 1 of type java.lang.Object cannot be written as JSON")
                .withMessageContaining("pass a record");
        assertThatExceptionOfType(PayloadException.class)
                .isThrownBy(() -> codec.encodeUnchecked(new Object[] {new Selfish()}, null));
        List<Object> cycle = new ArrayList<>();
        cycle.add(cycle);
        assertThatExceptionOfType(PayloadException.class)
                .isThrownBy(() -> codec.encodeResult(cycle, List.class))
                .withMessageStartingWith("the result of type java.util.ArrayList");
    }

    @Test
    void text_with_half_a_character_is_refused_or_can_be_read_again() {
        for (String text : List.of("\ud83d", "a\ud83db", "\ude80", "\ude80\ud83d")) {
            try {
                decode(
                        new String(codec.encodeUnchecked(new Object[] {text}, null), StandardCharsets.UTF_8),
                        String.class);
            } catch (PayloadException refused) {
                assertThat(refused).hasMessageStartingWith("argument 0");
            }
        }
    }

    static Stream<Arguments> temporalsThatSayMore() {
        LocalDateTime time = LocalDateTime.of(2026, 1, 2, 23, 59, 1);
        return Stream.of(
                Arguments.of(LocalDate.class, time),
                Arguments.of(LocalDate.class, "2026-01-02T23:59:01"),
                Arguments.of(LocalDate.class, "2026-01-02T23:59:01Z"),
                Arguments.of(LocalDate.class, Instant.parse("2026-01-02T23:59:01Z")),
                Arguments.of(LocalDateTime.class, Instant.parse("2026-01-02T23:59:01Z")),
                Arguments.of(LocalTime.class, time));
    }

    @ParameterizedTest
    @MethodSource("temporalsThatSayMore")
    void a_time_by_name_does_not_lose_its_day_hour_or_zone(Type declared, Object value) {
        assertThatExceptionOfType(PayloadException.class)
                .isThrownBy(() -> codec.encodeUnchecked(new Object[] {value}, List.of(declared)))
                .withMessageNotContaining("to allow");
        assertRefused("[\"" + value + "\"]", declared);
    }

    private enum Weekday {
        MONDAY
    }

    @Test
    void no_reason_tells_users_to_set_something_in_jackson() {
        List<Throwable> all = new ArrayList<>();
        for (Type type : List.of(Weekday.class, Integer.class, Line.class, char.class, String.class)) {
            for (Object value : List.of(1, 1.5, "", true, List.of())) {
                all.add(catchThrowable(() -> codec.encodeUnchecked(new Object[] {value}, List.of(type))));
            }
        }
        all.add(catchThrowable(() -> codec.encodeUnchecked(new Object[] {Collections.singletonMap(null, 1)}, null)));
        Object deep = "x";
        for (int i = 0; i < 300; i++) {
            deep = List.of(deep);
        }
        Object tooDeep = deep;
        all.add(catchThrowable(() -> codec.encodeUnchecked(new Object[] {tooDeep}, null)));

        List<String> texts =
                all.stream().filter(Objects::nonNull).map(Throwable::getMessage).toList();
        assertThat(texts)
                .hasSizeGreaterThan(15)
                .noneMatch(text -> text.matches("(?s).*(Config|Feature|Constraints" + "|NullKeySerializer).*"));
    }
}
