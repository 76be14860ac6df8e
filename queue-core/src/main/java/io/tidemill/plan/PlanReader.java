package io.tidemill.plan;

import io.tidemill.task.PayloadException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Reads what {@link PlanWriter} wrote. The bytes may come from anywhere: every length and number is checked before it
 * is used, so that wrong bytes cost no more memory than they have themselves.
 *
 * <p>Confined to one thread.
 */
final class PlanReader {

    private static final int MOST_BITS = 63;

    private final byte[] in;
    private int at;

    PlanReader(byte[] in) {
        this.in = in;
    }

    /** A number from 0 to this. */
    long number(String what, long most) {
        long value = 0;
        int bits = 0;
        while (true) {
            if (at == in.length || bits >= MOST_BITS) {
                throw wrong(what + " has no end");
            }
            byte next = in[at++];
            value |= (long) (next & 0x7F) << bits;
            bits += 7;
            if (next >= 0) {
                break;
            }
        }
        if (value < 0 || value > most) {
            throw wrong(what + " must be 0 to " + most + ", got " + value);
        }
        return value;
    }

    int count(String what, int most) {
        return (int) number(what, most);
    }

    /** One of these, by its code. */
    <E> E coded(String what, E[] all, ToIntFunction<E> code) {
        int found = count(what, Integer.MAX_VALUE);
        for (E each : all) {
            if (code.applyAsInt(each) == found) {
                return each;
            }
        }
        throw wrong("no " + what + " has the code " + found);
    }

    byte[] bytes(String what) {
        int length = count("length of " + what, in.length);
        if (length > in.length - at) {
            throw wrong(what + " has " + length + " bytes, and " + (in.length - at) + " are left");
        }
        at += length;
        return Arrays.copyOfRange(in, at - length, at);
    }

    String text(String what) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes(what)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw wrong(what + " is no text in UTF-8");
        }
    }

    /** Each element takes a byte at least, so there are no more of them than bytes are left. */
    <V> List<V> list(String what, int most, Function<PlanReader, V> each) {
        int size = count("number of " + what, most);
        if (size > in.length - at) {
            throw wrong(size + " " + what + " take more than the " + (in.length - at) + " bytes that are left");
        }
        List<V> values = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            values.add(each.apply(this));
        }
        return values;
    }

    void end() {
        if (at != in.length) {
            throw wrong((in.length - at) + " bytes are left over");
        }
    }

    PayloadException wrong(String problem) {
        return new PayloadException("the plan of a workflow cannot be read at byte " + at + ": " + problem, null);
    }
}
