package io.tidemill.message;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemill.task.PayloadException;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A codec, and short words for what it reads and refuses. */
abstract class JsonPayloadCodecHarness {

    public record Line(String article, int count, BigDecimal price) {}

    public record Order(long id, List<Line> lines, Map<String, Instant> stamps, TimeUnit unit, Duration limit) {}

    static final Order ORDER = new Order(
            9_007_199_254_740_993L,
            List.of(new Line("漢字 🚀", 2, new BigDecimal("0.10")), new Line("b", -1, BigDecimal.TEN)),
            Map.of("paid", Instant.parse("2026-01-01T00:00:00.123456789Z")),
            TimeUnit.DAYS,
            Duration.ofMinutes(90));

    final JsonPayloadCodec codec = new JsonPayloadCodec();

    /** Only its parameter types are of interest. */
    @SuppressWarnings("unused")
    void task(Order order, List<Line> lines, int count, String text, Map<String, List<Line>> map) {}

    static List<Type> types() {
        return List.of(Arrays.stream(JsonPayloadCodecHarness.class.getDeclaredMethods())
                .filter(m -> m.getName().equals("task"))
                .findFirst()
                .orElseThrow()
                .getGenericParameterTypes());
    }

    Object[] decode(String payload, Type... types) {
        return codec.decodeArguments(bytes(payload), List.of(types));
    }

    org.assertj.core.api.ThrowableAssertAlternative<PayloadException> assertRefused(String payload, Type type) {
        return assertThatExceptionOfType(PayloadException.class).isThrownBy(() -> decode(payload, type));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
