package io.tidemill.message;

import io.tidemill.task.PayloadException;
import io.tidemill.text.LogNames;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link PayloadSeal} with AES in Galois/Counter Mode, as NIST SP 800-38D describes it: a random nonce of 96 bits for
 * each seal, a tag of 128 bits, and the place as associated data.
 *
 * <p>To change the key, first give the new one to all processes with {@link #alsoOpening}; then make it the one that
 * seals. A worker leaves a job whose key it does not have for others.
 *
 * <p>With random nonces a key may seal 2^32 times, in all processes together (section 8.3 of the publication): two
 * equal nonces would show what was sealed with them. Each process counts its own seals ({@link SealKey#seals}). At half
 * of {@link #withMaxSeals} it logs a warning. From the whole on it refuses to enqueue with this key, and logs an error
 * once; results and failures of jobs that ran are still sealed, as they would be lost otherwise.
 *
 * <p>Immutable and thread-safe.
 */
public final class AesGcmSeal implements PayloadSeal {

    /** How often one key may seal with random nonces, in all processes together: 2^32. */
    public static final long MAX_SEALS = 1L << 32;

    private static final Logger log = LoggerFactory.getLogger(LogNames.QUEUE);

    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final KeyRing keys;
    private final long maxSeals;

    private AesGcmSeal(KeyRing keys, long maxSeals) {
        this.keys = keys;
        this.maxSeals = maxSeals;
    }

    /** Seals with this key. */
    public static AesGcmSeal of(SealKey key) {
        return new AesGcmSeal(KeyRing.of(key.checkFor(SealKey.AES)), MAX_SEALS);
    }

    /**
     * Seals with this key.
     *
     * @param keyName stored with all that is sealed, in clear; printable text, 1 to 127 bytes in UTF-8
     * @param key an AES key of 128, 192 or 256 bits
     */
    public static AesGcmSeal of(String keyName, SecretKey key) {
        return of(SealKey.of(keyName, key));
    }

    /**
     * The same, which also opens what was sealed with this key.
     *
     * @throws IllegalArgumentException if there is a key of this name already
     */
    public AesGcmSeal alsoOpening(SealKey key) {
        return new AesGcmSeal(keys.with(key.checkFor(SealKey.AES)), maxSeals);
    }

    /** The same with a key of a provider: see {@link #alsoOpening(SealKey)}. */
    public AesGcmSeal alsoOpening(String keyName, SecretKey key) {
        return alsoOpening(SealKey.of(keyName, key));
    }

    /**
     * The same with another limit for this process: 2^32 divided by the number of processes that seal with the key is
     * on the safe side. Default 2^32.
     *
     * @param seals 2 to 2^32
     */
    public AesGcmSeal withMaxSeals(long seals) {
        if (seals < 2 || seals > MAX_SEALS) {
            throw new IllegalArgumentException(
                    String.format("maxSeals must be 2 to %,d (2^32), got %,d", MAX_SEALS, seals));
        }
        return new AesGcmSeal(keys, seals);
    }

    @Override
    public byte[] seal(byte[] clear, Place place) {
        SealKey key = keys.sealing();
        count(key, place);
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        return sealed(key, nonce, clear, place.associatedData());
    }

    private void count(SealKey key, Place place) {
        long count = key.count();
        if (count == maxSeals / 2) {
            log.warn(
                    "{} has sealed {} times in this process, half of its limit (maxSeals); change it soon: give a new"
                            + " key to all processes with alsoOpening(...), then seal with that",
                    key,
                    count);
        }
        if (count == maxSeals + 1) {
            log.error(
                    "{} has sealed {} times in this process, which is its limit (maxSeals); nothing is enqueued with it"
                            + " any more; change it",
                    key,
                    maxSeals);
        }
        if (count > maxSeals && place.kind() == Kind.ARGUMENTS) {
            throw new PayloadException(
                    String.format(
                            "%s has sealed %,d times in this process, which is its limit (maxSeals); seal with a new"
                                    + " key and open what this one sealed with alsoOpening(...)",
                            key, maxSeals),
                    null);
        }
    }

    /** The length of the key's name in one byte, the name, the nonce, and what AES gives: the text and its tag. */
    static byte[] sealed(SealKey key, byte[] nonce, byte[] clear, byte[] associatedData) {
        byte[] name = key.name().getBytes(StandardCharsets.UTF_8);
        byte[] text = crypt(Cipher.ENCRYPT_MODE, key.key(), nonce, clear, associatedData);
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
        if (sealed.length == 0 || sealed[0] < 1 || sealed.length < 1 + sealed[0] + NONCE_BYTES + TAG_BITS / 8) {
            throw new PayloadException("the sealed bytes are not complete", null);
        }
        byte[] name = new byte[buffer.get()];
        byte[] nonce = new byte[NONCE_BYTES];
        buffer.get(name).get(nonce);
        byte[] text = new byte[buffer.remaining()];
        buffer.get(text);
        SealKey key = keys.opening(new String(name, StandardCharsets.UTF_8), "AesGcmSeal");
        return crypt(Cipher.DECRYPT_MODE, key.key(), nonce, text, place.associatedData());
    }

    /** The names of the keys, the one that seals first. */
    @Override
    public String toString() {
        return "AesGcmSeal" + keys;
    }

    static byte[] crypt(int mode, SecretKey key, byte[] nonce, byte[] text, byte[] associatedData) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(associatedData);
            return cipher.doFinal(text);
        } catch (AEADBadTagException e) {
            throw new PayloadException("the sealed bytes were changed or moved", e);
        } catch (GeneralSecurityException e) {
            if (mode == Cipher.ENCRYPT_MODE) {
                throw new PayloadException("AES cannot seal", e);
            }
            // Nothing is known of the bytes: the provider of the key may be away, and another run may open them.
            throw new IllegalStateException("AES cannot open the sealed bytes now", e);
        }
    }
}
