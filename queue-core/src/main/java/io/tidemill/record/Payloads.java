package io.tidemill.record;

import io.tidemill.message.Failure;
import io.tidemill.message.MissingKeyException;
import io.tidemill.message.PayloadCodec;
import io.tidemill.message.PayloadSeal;
import io.tidemill.message.PayloadSeal.Kind;
import io.tidemill.message.PayloadSeal.Place;
import io.tidemill.task.PayloadException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How what users put into jobs is written: by a codec, and then by a seal if there is one. Sealed bytes begin with a
 * mark, the task's name and a line feed: who awaits a result may know only queue and id.
 *
 * <p>Thread-safe.
 *
 * @param codec writes values as bytes
 * @param seal seals the bytes; null for none
 */
public record Payloads(PayloadCodec codec, @Nullable PayloadSeal seal) {

    /** The zero byte begins no text, so no codec that writes text is taken for a seal. */
    private static final byte[] MARK = "\0tmseal1 ".getBytes(StandardCharsets.US_ASCII);

    /** Whether these bytes are sealed. */
    public static boolean isSealed(byte[] bytes) {
        return bytes.length >= MARK.length && Arrays.equals(bytes, 0, MARK.length, MARK, 0, MARK.length);
    }

    /**
     * What is stored for these bytes.
     *
     * @throws PayloadException if the seal says that they cannot be sealed
     * @throws SealFailedException if it throws anything else
     */
    public byte[] seal(Kind kind, byte[] clear, String queue, String task, String id) {
        if (seal == null) {
            return clear;
        }
        try {
            byte[] name = (task + "\n").getBytes(StandardCharsets.UTF_8);
            byte[] sealed = seal.seal(clear, new Place(kind, queue, task, id));
            byte[] all = Arrays.copyOf(MARK, MARK.length + name.length + sealed.length);
            System.arraycopy(name, 0, all, MARK.length, name.length);
            System.arraycopy(sealed, 0, all, MARK.length + name.length, sealed.length);
            return all;
        } catch (PayloadException e) {
            throw new PayloadException("the seal cannot seal it: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw new SealFailedException(e);
        }
    }

    /**
     * What these stored bytes hold.
     *
     * @param task the task that the record names; null if none is known, as for results
     * @throws MissingKeyException if they are sealed and there is no seal here, or the seal does not have the key
     * @throws PayloadException if the seal says that they cannot be opened
     * @throws SealFailedException if it throws anything else
     */
    public byte[] open(Kind kind, byte[] stored, String queue, @Nullable String task, String id) {
        if (!isSealed(stored)) {
            return stored;
        }
        if (seal == null) {
            throw new MissingKeyException(
                    "it is sealed, and this process has no seal; add seal(...) where its TaskQueue is built");
        }
        int end = MARK.length;
        while (end < stored.length && stored[end] != '\n') {
            end++;
        }
        String sealedFor = new String(stored, MARK.length, end - MARK.length, StandardCharsets.UTF_8);
        if (task != null && !task.equals(sealedFor)) {
            throw new PayloadException("it was sealed for task \"" + sealedFor + "\" and not for this one", null);
        }
        try {
            byte[] sealed = Arrays.copyOfRange(stored, Math.min(end + 1, stored.length), stored.length);
            return seal.open(sealed, new Place(kind, queue, sealedFor, id));
        } catch (MissingKeyException e) {
            throw e;
        } catch (PayloadException e) {
            throw new PayloadException("the seal cannot open it: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw new SealFailedException(e);
        }
    }

    /** What is stored of a failure. Never throws: a job has to end also if its failure cannot be sealed. */
    public byte[] failure(Failure failure, String queue, String task, String id) {
        try {
            return seal(Kind.FAILURE, JobCodec.encode(failure), queue, task, id);
        } catch (RuntimeException e) {
            return JobCodec.encode(Failure.of("NotSealed", "what went wrong is not kept, as it could not be sealed"));
        }
    }

    /** The failure that these stored bytes hold. What cannot be opened is said to be sealed. */
    public Failure failure(byte[] stored, String queue, String id) {
        try {
            return JobCodec.decodeFailure(open(Kind.FAILURE, stored, queue, null, id));
        } catch (RuntimeException e) {
            return JobCodec.decodeFailure(stored);
        }
    }
}
