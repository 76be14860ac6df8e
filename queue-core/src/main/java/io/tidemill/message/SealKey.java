package io.tidemill.message;

import io.tidemill.text.PrintableText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import javax.crypto.SecretKey;

/**
 * A key of a seal and its name. The name is stored with all that is sealed, in clear, so that processes with several
 * keys know which one opens it: give each key another name, for ever.
 *
 * <pre>{@code
 * AesGcmSeal.of(SealKey.ofBase64("2026-11", System.getenv("SEAL_KEY")))
 * }</pre>
 *
 * <p>Bytes that are given are copied. No text of this object and no error shows them.
 *
 * <p>Thread-safe.
 */
public final class SealKey {

    static final String AES = "AES";
    static final String HMAC = "HmacSHA256";

    private static final int BYTES = 32;

    private final String name;
    private final SecretKey key;

    /** How often it has sealed in this process, in all seals that have it. */
    private final AtomicLong seals = new AtomicLong();

    private SealKey(String name, SecretKey key) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1 || length > Byte.MAX_VALUE) {
            throw new IllegalArgumentException("the name of a key must have 1 to 127 bytes, got " + length);
        }
        this.name = PrintableText.check("name of a key", name);
        this.key = key;
    }

    /**
     * A key of 256 bits.
     *
     * @param name printable text, 1 to 127 bytes in UTF-8
     * @param bytes 32 random bytes; copied, so overwrite them afterwards
     */
    public static SealKey of(String name, byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("key " + name + " must have 256 bits, got " + 8L * bytes.length);
        }
        return new SealKey(name, new KeyBytes(bytes));
    }

    /**
     * A key of 256 bits, as {@code openssl rand -base64 32} writes one.
     *
     * @param base64 32 random bytes in base 64; white space around them is ignored. A text stays in memory until it is
     *     collected: use {@link #from} where that matters
     */
    public static SealKey ofBase64(String name, String base64) {
        byte[] bytes = decoded(base64);
        try {
            return of(name, bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /** The decoder's own error would show a character of the key. */
    private static byte[] decoded(String base64) {
        byte[] text = base64.strip().getBytes(StandardCharsets.ISO_8859_1);
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            // Without the cause, and without the name: it is the key where the two were given in the wrong order.
            throw new IllegalArgumentException("the text of a key is not written in base 64");
        } finally {
            Arrays.fill(text, (byte) 0);
        }
    }

    /**
     * A key of 256 bits from a file or a vault.
     *
     * @param bytes asked once, now; the array that it gives is overwritten with zeros
     */
    public static SealKey from(String name, Supplier<byte[]> bytes) {
        byte[] given = bytes.get();
        try {
            return of(name, given);
        } finally {
            Arrays.fill(given, (byte) 0);
        }
    }

    /**
     * A key of a provider, as one in hardware that does not show its bytes.
     *
     * @param key an AES key of 128, 192 or 256 bits for {@link AesGcmSeal}, or a key for HmacSHA256 of 128, 192 or 256
     *     bits for {@link HmacSeal}
     */
    public static SealKey of(String name, SecretKey key) {
        if (!key.getAlgorithm().equals(AES) && !key.getAlgorithm().equals(HMAC)) {
            throw new IllegalArgumentException(
                    "key " + name + " must be for " + AES + " or " + HMAC + ", got " + key.getAlgorithm());
        }
        byte[] bytes = key.getEncoded();
        if (bytes != null) {
            int length = bytes.length;
            Arrays.fill(bytes, (byte) 0);
            if (length != 16 && length != 24 && length != BYTES) {
                throw new IllegalArgumentException(
                        "key " + name + " must have 128, 192 or 256 bits, got " + 8 * length);
            }
        }
        return new SealKey(name, key);
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** How often it has sealed in this process. */
    public long seals() {
        return seals.get();
    }

    /**
     * Overwrites the copy of the bytes that this object holds. It neither seals nor opens after that. A key of a
     * provider stays as it is.
     */
    public void destroy() {
        if (key instanceof KeyBytes bytes) {
            bytes.destroy();
        }
    }

    /**
     * This key. One of 32 bytes that were given is good for any seal; a key of a provider for one.
     *
     * @throws IllegalArgumentException if it is for another algorithm
     */
    SealKey checkFor(String algorithm) {
        if (!(key instanceof KeyBytes) && !key.getAlgorithm().equals(algorithm)) {
            throw new IllegalArgumentException(
                    "key " + name + " must be for " + algorithm + ", got " + key.getAlgorithm());
        }
        return this;
    }

    SecretKey key() {
        return key;
    }

    /** Counts one more, and gives its number. */
    long count() {
        return seals.incrementAndGet();
    }

    /** Its name only. */
    @Override
    public String toString() {
        return "key \"" + name + "\"";
    }
}
