package io.tidemill.message;

import io.tidemill.task.PayloadException;
import io.tidemill.text.Texts;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * A {@link PayloadSeal} that signs and does not encrypt: HMAC with SHA-256, as RFC 2104 describes it, over the place
 * and the bytes. Arguments, results and failures stay readable in Redis and on pages; what was changed or moved to
 * another job is refused.
 *
 * <p>Use it together with {@code TaskQueueBuilder.acceptUnsealed(false)}: as long as bytes without a signature are
 * accepted, whoever can write to the broker can leave it out. Keys are changed as those of {@link AesGcmSeal}. A key
 * may sign any number of times. Do not use the key of another seal.
 *
 * <p>Immutable and thread-safe.
 */
public final class HmacSeal implements PayloadSeal {

    private final KeyRing keys;

    private HmacSeal(KeyRing keys) {
        this.keys = keys;
    }

    /** Signs with this key. */
    public static HmacSeal of(SealKey key) {
        return new HmacSeal(KeyRing.of(key.checkFor(SealKey.HMAC)));
    }

    /**
     * The same, which also accepts what was signed with this key.
     *
     * @throws IllegalArgumentException if there is a key of this name already
     */
    public HmacSeal alsoOpening(SealKey key) {
        return new HmacSeal(keys.with(key.checkFor(SealKey.HMAC)));
    }

    @Override
    public boolean isReadable() {
        return true;
    }

    /** The bytes, a line feed, and a line with the name of the key and the signature in base 64. */
    @Override
    public byte[] seal(byte[] clear, Place place) {
        SealKey key = keys.sealing();
        key.count();
        byte[] signature = signature(key.key(), place.associatedData(), clear);
        byte[] line = ("\n" + key.name() + " " + Base64.getEncoder().encodeToString(signature))
                .getBytes(StandardCharsets.UTF_8);
        byte[] sealed = Arrays.copyOf(clear, clear.length + line.length);
        System.arraycopy(line, 0, sealed, clear.length, line.length);
        return sealed;
    }

    @Override
    public byte[] open(byte[] sealed, Place place) {
        int end = Texts.lastLineFeed(sealed);
        if (end < 0) {
            throw new PayloadException("the signature is not there", null);
        }
        String line = new String(sealed, end + 1, sealed.length - end - 1, StandardCharsets.UTF_8);
        int space = line.lastIndexOf(' ');
        if (space < 0) {
            throw new PayloadException("the signature is not complete", null);
        }
        SealKey key = keys.opening(line.substring(0, space), "HmacSeal");
        byte[] clear = Arrays.copyOf(sealed, end);
        byte[] signature = signature(key.key(), place.associatedData(), clear);
        byte[] given = line.substring(space + 1).getBytes(StandardCharsets.UTF_8);
        // Takes equally long wherever the two differ.
        if (!MessageDigest.isEqual(Base64.getEncoder().encode(signature), given)) {
            throw new PayloadException("the signed bytes were changed or moved", null);
        }
        return clear;
    }

    /** The names of the keys, the one that signs first. */
    @Override
    public String toString() {
        return "HmacSeal" + keys;
    }

    static byte[] signature(SecretKey key, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new PayloadException("HMAC cannot sign", e);
        }
    }
}
