package io.tidemill.message;

import io.tidemill.task.PayloadException;
import io.tidemill.text.PrintableText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * A {@link PayloadSeal} with AES in Galois/Counter Mode, as NIST SP 800-38D describes it: a random nonce of 96 bits for
 * each seal, a tag of 128 bits, and the place as associated data. Change the key before it has sealed 2^32 times.
 *
 * <p>To change the key, first give the new one to all processes with {@link #alsoOpening}; then make it the one that
 * seals. A worker leaves a job whose key it does not have for others.
 *
 * <p>Immutable and thread-safe.
 */
public final class AesGcmSeal implements PayloadSeal {

    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String keyName;
    private final Map<String, SecretKey> keys;

    private AesGcmSeal(String keyName, Map<String, SecretKey> keys) {
        this.keyName = keyName;
        this.keys = Map.copyOf(keys);
    }

    /**
     * Seals with this key.
     *
     * @param keyName stored with all that is sealed, in clear; 1 to 127 bytes in UTF-8
     * @param key an AES key of 128, 192 or 256 bits
     */
    public static AesGcmSeal of(String keyName, SecretKey key) {
        return new AesGcmSeal(keyName, Map.of()).alsoOpening(keyName, key);
    }

    /**
     * The same, which also opens what was sealed with this key.
     *
     * @throws IllegalArgumentException if there is a key of this name already, or it is no key for AES
     */
    public AesGcmSeal alsoOpening(String otherName, SecretKey key) {
        if (keys.containsKey(otherName)) {
            throw new IllegalArgumentException(
                    "there is a key named " + otherName + " already; name each key differently");
        }
        int length = otherName.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1 || length > Byte.MAX_VALUE) {
            throw new IllegalArgumentException("the name of a key must have 1 to 127 bytes, got " + length);
        }
        if (!key.getAlgorithm().equals("AES")) {
            throw new IllegalArgumentException("key " + otherName + " must be for AES, got " + key.getAlgorithm());
        }
        byte[] bytes = key.getEncoded();
        // A key in hardware does not show its bytes.
        if (bytes != null && bytes.length != 16 && bytes.length != 24 && bytes.length != 32) {
            throw new IllegalArgumentException(
                    "key " + otherName + " must have 128, 192 or 256 bits, got " + 8 * bytes.length);
        }
        Map<String, SecretKey> more = new HashMap<>(keys);
        more.put(otherName, key);
        return new AesGcmSeal(keyName, more);
    }

    @Override
    public byte[] seal(byte[] clear, Place place) {
        byte[] name = keyName.getBytes(StandardCharsets.UTF_8);
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        byte[] text = crypt(Cipher.ENCRYPT_MODE, keys.get(keyName), nonce, clear, place);
        return ByteBuffer.allocate(1 + name.length + nonce.length + text.length)
                .put((byte) name.length)
                .put(name)
                .put(nonce)
                .put(text)
                .array();
    }

    @Override
    public byte[] open(byte[] sealed, Place place) {
        ByteBuffer buffer = ByteBuffer.wrap(sealed);
        if (sealed.length == 0 || sealed[0] < 1 || sealed.length < 1 + sealed[0] + NONCE_BYTES) {
            throw new PayloadException("the sealed bytes are not complete", null);
        }
        byte[] name = new byte[buffer.get()];
        byte[] nonce = new byte[NONCE_BYTES];
        buffer.get(name).get(nonce);
        byte[] text = new byte[buffer.remaining()];
        buffer.get(text);
        SecretKey key = keys.get(new String(name, StandardCharsets.UTF_8));
        if (key == null) {
            throw new MissingKeyException("it is sealed with a key that is not here: " + shown(name)
                    + "; add it with AesGcmSeal.alsoOpening(...)");
        }
        return crypt(Cipher.DECRYPT_MODE, key, nonce, text, place);
    }

    /** Whoever can write to the broker chooses these bytes, and they go to logs. */
    private static String shown(byte[] keyName) {
        String name = new String(keyName, StandardCharsets.UTF_8);
        return PrintableText.isPrintable(name) ? '"' + name + '"' : "its name is not printable text";
    }

    private static byte[] crypt(int mode, @Nullable SecretKey key, byte[] nonce, byte[] text, Place place) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(place.associatedData());
            return cipher.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw new PayloadException(
                    mode == Cipher.ENCRYPT_MODE ? "AES cannot seal" : "the sealed bytes were changed or moved", e);
        }
    }
}
