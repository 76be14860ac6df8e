package io.tidemill.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.message.PayloadSeal.Kind;
import io.tidemill.message.PayloadSeal.Place;
import io.tidemill.task.PayloadException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** That the seal is HMAC with SHA-256, keeps bytes readable, and accepts nothing that was changed or moved. */
class HmacSealTest {

    private static final Place PLACE = new Place(Kind.ARGUMENTS, "cards", "charge", "7");

    private static SealKey key(String name, int filler) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) filler);
        return SealKey.of(name, bytes);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Test case 6 of RFC 4231. */
    @Test
    void it_gives_what_the_published_vector_says() {
        byte[] key = new byte[131];
        Arrays.fill(key, (byte) 0xaa);

        byte[] signature = HmacSeal.signature(
                new SecretKeySpec(key, "any"),
                bytes("Test Using Larger Than "),
                bytes("Block-Size Key - Hash Key First"));

        assertThat(HexFormat.of().formatHex(signature))
                .isEqualTo("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    @Test
    void signed_bytes_stay_readable_and_only_their_own_place_accepts_them() {
        Random random = new Random(20261122);
        HmacSeal seal = HmacSeal.of(key("new key", 2)).alsoOpening(key("old", 3));
        HmacSeal before = HmacSeal.of(key("old", 3));
        for (int round = 0; round < 200; round++) {
            byte[] clear = new byte[random.nextInt(50)];
            random.nextBytes(clear);
            byte[] signed = (random.nextBoolean() ? seal : before).seal(clear, PLACE);

            assertThat(Arrays.copyOf(signed, clear.length)).isEqualTo(clear);
            assertThat(seal.open(signed, PLACE)).isEqualTo(clear);
            assertThatThrownBy(() -> seal.open(signed, new Place(Kind.ARGUMENTS, "cards", "charge", "8")))
                    .isInstanceOf(PayloadException.class)
                    .hasMessage("the signed bytes were changed or moved");
        }
    }

    @Test
    void no_changed_bit_and_no_missing_byte_is_accepted() {
        HmacSeal seal = HmacSeal.of(key("k", 2));
        byte[] signed = seal.seal(bytes("[4]"), PLACE);

        for (int bit = 0; bit < 8 * signed.length; bit++) {
            byte[] changed = signed.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> seal.open(changed, PLACE))
                    .isInstanceOfAny(PayloadException.class, MissingKeyException.class);
        }
        for (int length = 0; length < signed.length; length++) {
            byte[] cut = Arrays.copyOf(signed, length);
            assertThatThrownBy(() -> seal.open(cut, PLACE)).isInstanceOf(PayloadException.class);
        }
    }

    @Test
    void an_unknown_key_is_named() {
        byte[] foreign = HmacSeal.of(key("gone", 1)).seal(bytes("[]"), PLACE);

        assertThatThrownBy(() -> HmacSeal.of(key("k", 2)).open(foreign, PLACE))
                .isInstanceOf(MissingKeyException.class)
                .hasMessage("it is sealed with a key that is not here: \"gone\"; add it with"
                        + " HmacSeal.alsoOpening(...)");
        assertThat(HmacSeal.of(key("k", 2))).hasToString("HmacSeal[k]");
    }
}
