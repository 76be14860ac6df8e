package io.tidemill.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.message.PayloadSeal.Kind;
import io.tidemill.message.PayloadSeal.Place;
import io.tidemill.task.PayloadException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That the seal is AES-GCM, that it binds the place, and that no altered byte is accepted. */
class AesGcmSealTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final Place PLACE = new Place(Kind.ARGUMENTS, "cards", "charge", "7");

    private static SealKey key(String name, int filler) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) filler);
        return SealKey.of(name, bytes);
    }

    /** Test cases 13 to 16 of the specification of GCM that NIST published: keys of 256 bits. */
    @ParameterizedTest
    @CsvSource({
        "0000000000000000000000000000000000000000000000000000000000000000,000000000000000000000000,'','',"
                + "530f8afbc74536b9a963b4f1c4cb738b",
        "0000000000000000000000000000000000000000000000000000000000000000,000000000000000000000000,"
                + "00000000000000000000000000000000,'',"
                + "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308,cafebabefacedbaddecaf888,"
                + "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255,'',"
                + "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
                + "b094dac5d93471bdec1a502270e3cc6c",
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308,cafebabefacedbaddecaf888,"
                + "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39,"
                + "feedfacedeadbeeffeedfacedeadbeefabaddad2,"
                + "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                + "76fc6ece0f4e1768cddf8853bb2d551b"
    })
    void it_gives_what_the_published_vectors_say(String key, String nonce, String clear, String data, String sealed) {
        SealKey known = SealKey.of("k", HEX.parseHex(key));

        byte[] all = AesGcmSeal.sealed(known, HEX.parseHex(nonce), HEX.parseHex(clear), HEX.parseHex(data));

        assertThat(HEX.formatHex(all)).isEqualTo("016b" + nonce + sealed);
        assertThat(AesGcmSeal.crypt(
                        Cipher.DECRYPT_MODE,
                        known.key(),
                        HEX.parseHex(nonce),
                        HEX.parseHex(sealed),
                        HEX.parseHex(data)))
                .isEqualTo(HEX.parseHex(clear));
    }

    /** What is in Redis today is read by each later version: this layout and these associated data do not change. */
    @Test
    void bytes_that_an_earlier_version_sealed_are_opened() {
        AesGcmSeal seal = AesGcmSeal.of(key("2026", 1));
        byte[] before = HEX.parseHex(
                "0432303236bf4346cdcff1a637c17e9c4d2acafe1b64485c3b6af170ac00e809d778b36e702896e4ce53826c8038");

        assertThat(new String(seal.open(before, PLACE), StandardCharsets.UTF_8)).isEqualTo("[\"4111-1111\"]");
    }

    @Test
    void any_bytes_come_back_and_only_in_their_own_place() {
        Random random = new Random(20261122);
        AesGcmSeal seal = AesGcmSeal.of(key("new", 2)).alsoOpening(key("old", 3));
        AesGcmSeal before = AesGcmSeal.of(key("old", 3));
        Place[] places = {
            PLACE,
            new Place(Kind.RESULT, "cards", "charge", "7"),
            new Place(Kind.ARGUMENTS, "card", "scharge", "7"),
            new Place(Kind.ARGUMENTS, "cards", "charg", "e7"),
            new Place(Kind.ARGUMENTS, "cards", "charge", "8"),
        };
        for (int round = 0; round < 200; round++) {
            byte[] clear = new byte[random.nextInt(300)];
            random.nextBytes(clear);
            Place place = places[random.nextInt(places.length)];
            byte[] sealed = (random.nextBoolean() ? seal : before).seal(clear, place);

            assertThat(seal.open(sealed, place)).isEqualTo(clear);
            for (Place other : places) {
                if (!other.equals(place)) {
                    assertThatThrownBy(() -> seal.open(sealed, other)).isInstanceOf(PayloadException.class);
                }
            }
        }
    }

    @Test
    void no_changed_bit_and_no_missing_byte_is_accepted() {
        AesGcmSeal seal = AesGcmSeal.of(key("k", 2));
        byte[] sealed = seal.seal("four".getBytes(StandardCharsets.UTF_8), PLACE);

        for (int bit = 0; bit < 8 * sealed.length; bit++) {
            byte[] changed = sealed.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> seal.open(changed, PLACE))
                    .isInstanceOfAny(PayloadException.class, MissingKeyException.class);
        }
        for (int length = 0; length < sealed.length; length++) {
            byte[] cut = Arrays.copyOf(sealed, length);
            assertThatThrownBy(() -> seal.open(cut, PLACE)).isInstanceOf(PayloadException.class);
        }
        byte[] longer = Arrays.copyOf(sealed, sealed.length + 1);
        assertThatThrownBy(() -> seal.open(longer, PLACE)).isInstanceOf(PayloadException.class);
    }

    @Test
    void equal_bytes_never_look_equal() {
        AesGcmSeal seal = AesGcmSeal.of(key("k", 2));
        Set<String> seen = new HashSet<>();

        for (int i = 0; i < 500; i++) {
            seen.add(HEX.formatHex(seal.seal(new byte[] {1}, PLACE)));
        }

        assertThat(seen).hasSize(500);
    }

    @Test
    void a_key_that_has_sealed_too_often_refuses_new_jobs_and_loses_no_result() {
        SealKey key = key("k9", 2);
        AesGcmSeal seal = AesGcmSeal.of(key).withMaxSeals(2);
        seal.seal(new byte[1], PLACE);
        seal.seal(new byte[1], PLACE);

        assertThatThrownBy(() -> seal.seal(new byte[1], PLACE))
                .isInstanceOf(PayloadException.class)
                .hasMessageStartingWith("key \"k9\" has sealed 2 times in this process, which is its limit (maxSeals)");
        Place result = new Place(Kind.RESULT, "cards", "charge", "7");
        assertThat(seal.open(seal.seal(new byte[] {5}, result), result)).containsExactly(5);
        assertThat(key.seals()).isEqualTo(4);
    }

    @Test
    void the_limit_is_in_its_range() {
        AesGcmSeal seal = AesGcmSeal.of(key("k", 2));

        assertThatThrownBy(() -> seal.withMaxSeals(1)).hasMessage("maxSeals must be 2 to 4,294,967,296 (2^32), got 1");
        assertThatThrownBy(() -> seal.withMaxSeals((1L << 32) + 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void an_unknown_key_is_named_and_no_text_shows_a_key() {
        AesGcmSeal seal = AesGcmSeal.of(key("new", 'K')).alsoOpening(key("old", 'L'));
        byte[] foreign = AesGcmSeal.of(key("gone", 'M')).seal(new byte[1], PLACE);

        assertThatThrownBy(() -> seal.open(foreign, PLACE))
                .isInstanceOf(MissingKeyException.class)
                .hasMessage("it is sealed with a key that is not here: \"gone\"; add it with"
                        + " AesGcmSeal.alsoOpening(...)");
        assertThat(seal).hasToString("AesGcmSeal[new, old]");
        assertThat(key("new", 'K')).hasToString("key \"new\"");
        assertThat(key("new", 'K').key().toString()).isEqualTo("256 bits");
    }

    @Test
    void a_key_is_read_from_bytes_from_base_64_and_from_a_supplier_whose_array_is_overwritten() {
        byte[] bytes = new byte[32];
        new Random(7).nextBytes(bytes);
        byte[] supplied = bytes.clone();
        byte[] sealed = AesGcmSeal.of(SealKey.of("k", bytes)).seal(new byte[] {9}, PLACE);

        for (SealKey same : new SealKey[] {
            SealKey.ofBase64("k", " " + java.util.Base64.getEncoder().encodeToString(bytes) + "\n"),
            SealKey.from("k", () -> supplied),
            SealKey.of("k", new SecretKeySpec(bytes, "AES"))
        }) {
            assertThat(AesGcmSeal.of(same).open(sealed, PLACE)).containsExactly(9);
        }
        assertThat(supplied).containsOnly(0);
    }

    @Test
    void what_is_no_key_is_refused_without_being_shown() {
        assertThatThrownBy(() -> SealKey.of("k", new byte[16])).hasMessage("key k must have 256 bits, got 128");
        assertThatThrownBy(() -> SealKey.ofBase64("k", "secret!"))
                .hasMessage("the text of a key is not written in base 64")
                .hasNoCause();
        assertThatThrownBy(() -> SealKey.of("", new byte[32])).hasMessageContaining("1 to 127 bytes");
        assertThatThrownBy(() -> SealKey.of("a\nb", new byte[32])).hasMessageContaining("printable");
    }

    @Test
    void a_destroyed_key_neither_seals_nor_opens() {
        SealKey key = key("k", 2);
        AesGcmSeal seal = AesGcmSeal.of(key);
        byte[] sealed = seal.seal(new byte[] {9}, PLACE);

        key.destroy();

        assertThatThrownBy(() -> seal.open(sealed, PLACE)).hasMessageContaining("destroyed");
        assertThatThrownBy(() -> seal.seal(sealed, PLACE)).hasMessageContaining("destroyed");
    }
}
