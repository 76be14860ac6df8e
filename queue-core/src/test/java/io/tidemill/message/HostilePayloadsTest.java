package io.tidemill.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemill.task.PayloadException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a codec makes of bytes that nobody wrote in good faith, and what it says of them. */
class HostilePayloadsTest extends JsonPayloadCodecHarness {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "7",
                "\"a\"",
                "{}",
                "[",
                "[\"a\"",
                "[\"a\",",
                "[\"a",
                "[a]",
                "[\"a\"]]",
                "[\"a\"][\"b\"]",
                "[\"a\"] x",
                "\u0000"
            })
    void what_is_no_array_of_arguments_is_refused(String payload) {
        assertRefused(payload, String.class);
    }

    @Test
    void arguments_cut_short_anywhere_are_refused() {
        byte[] whole = codec.encodeArguments(new Object[] {ORDER, ORDER.lines(), 7, "text", Map.of()}, types());
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(PayloadException.class)
                    .as("cut to %s bytes", length)
                    .isThrownBy(() -> codec.decodeArguments(cut, types()));
        }
    }

    @Test
    void noise_is_refused_or_read_but_nothing_else() {
        Random random = new Random(5);
        byte[] whole = codec.encodeArguments(new Object[] {ORDER, ORDER.lines(), 7, "text", Map.of()}, types());
        for (int i = 0; i < 20_000; i++) {
            byte[] noisy = whole.clone();
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                noisy[random.nextInt(noisy.length)] = (byte) random.nextInt(256);
            }
            try {
                codec.decodeArguments(noisy, types());
            } catch (PayloadException expected) {
                // The only way to say no.
            }
        }
    }

    @Test
    void nesting_without_end_is_refused_wherever_it_stands() {
        String deep = "[".repeat(100_000);
        assertRefused(deep, String.class);
        assertRefused("[" + deep, Object.class);
        assertRefused("[{\"unknown\":" + deep, Line.class);
        assertRefused("[\"a\"," + deep, String.class);
        assertRefused("[" + "{\"a\":".repeat(100_000), Map.class);
        assertThatExceptionOfType(PayloadException.class)
                .isThrownBy(() -> codec.decodeResult(bytes(deep), Object.class));
    }

    @Test
    void numbers_out_of_range_are_refused() {
        assertRefused("[99999999999]", int.class);
        assertRefused("[" + "9".repeat(10_000) + "]", long.class);
    }

    /** Must never be initialised: no payload may name a class. */
    public static final class Canary {
        static {
            HostilePayloadsTest.canarySang = true;
        }

        public String song;
    }

    private static volatile boolean canarySang;

    public static class Bean {
        public Object anything;
    }

    @Test
    void a_class_name_in_a_payload_is_never_resolved() {
        String name = HostilePayloadsTest.class.getName() + "$Canary";
        List<String> gadgets = List.of(
                "{\"@class\":\"%s\",\"song\":\"x\"}",
                "{\"@type\":\"%s\",\"song\":\"x\"}",
                "[\"%s\",{\"song\":\"x\"}]",
                "{\"%s\":{\"song\":\"x\"}}",
                "{\"anything\":{\"@class\":\"%s\",\"song\":\"x\"}}",
                "{\"anything\":[\"%s\",{\"song\":\"x\"}]}");
        for (String gadget : gadgets) {
            for (Class<?> type : List.of(Object.class, Bean.class, Map.class, Line.class, Number.class)) {
                try {
                    codec.decodeArguments(bytes("[" + gadget.formatted(name) + "]"), List.of(type));
                } catch (PayloadException refused) {
                    // Fine as well.
                }
            }
        }
        assertThat(canarySang).isFalse();
    }

    @Test
    void a_mapper_with_default_typing_is_refused() {
        ObjectMapper careless = new ObjectMapper();
        careless.activateDefaultTyping(careless.getPolymorphicTypeValidator());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JsonPayloadCodec(careless))
                .withMessageContaining("default typing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1E+2147483648]", "[{\"article\":\"a\",\"price\":1E+2147483648}]"})
    void a_number_beyond_any_exponent_is_refused_like_other_noise(String payload) {
        assertRefused(payload, payload.startsWith("[{") ? Line.class : BigDecimal.class);
        assertThatExceptionOfType(PayloadException.class)
                .isThrownBy(() -> codec.decodeResult(
                        bytes(payload.substring(1, payload.length() - 1)),
                        payload.startsWith("[{") ? Line.class : BigDecimal.class));
    }

    record Secret(Duration age, Day day, int pin) {}

    enum Day {
        MONDAY
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{\"age\":\"hush-7c1f\"}]",
                "[{\"age\":\"a\\\"hush-7c1f\\\"'b\"}]",
                "[{\"day\":\"hush-7c1f\"}]",
                "[{\"pin\":\"hush-7c1f\"}]",
                "[{\"pin\":74118529637411}]",
                "[{\"pin\":[\"hush-7c1f\"]}]",
                "[\"hush-7c1f\"]",
                "[hush-7c1f]",
                "[{\"pin\":hush-7c1f}]",
                "[{\"age\":\"hush-7c1f",
                "[{'hush-7c1f':1}]"
            })
    void what_cannot_be_read_is_not_quoted(String payload) {
        Throwable thrown = catchThrowable(
                () -> codec.decodeArguments(payload.getBytes(StandardCharsets.UTF_8), List.of(Secret.class)));

        assertThat(thrown).isInstanceOf(PayloadException.class);
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        assertThat(trace.toString()).doesNotContain("hush", "74118529637411");
        Throwable result = catchThrowable(() -> codec.decodeResult(
                payload.substring(1, payload.length() - 1).getBytes(StandardCharsets.UTF_8), Secret.class));
        assertThat(result).isInstanceOf(PayloadException.class);
        assertThat(result.getMessage()).doesNotContain("hush", "74118529637411");
    }
}
