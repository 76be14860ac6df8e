package io.tidemill.plan;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Writes numbers, texts and bytes one after the other. A number has 7 bits in each byte, the lowest first, and the
 * highest bit says that more follow; texts and bytes follow on their length.
 *
 * <p>Confined to one thread.
 */
final class PlanWriter {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(256);

    PlanWriter number(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("must be 0 or more, got " + value);
        }
        long rest = value;
        while (rest > 0x7F) {
            out.write((int) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
        return this;
    }

    PlanWriter bytes(byte[] value) {
        number(value.length);
        out.writeBytes(value);
        return this;
    }

    PlanWriter text(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    <V> PlanWriter list(List<V> values, BiConsumer<PlanWriter, V> each) {
        number(values.size());
        values.forEach(value -> each.accept(this, value));
        return this;
    }

    byte[] written() {
        return out.toByteArray();
    }
}
