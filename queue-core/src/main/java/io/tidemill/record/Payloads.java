package io.tidemill.record;

import io.tidemill.message.Failure;
import io.tidemill.message.MissingKeyException;
import io.tidemill.message.PayloadCodec;
import io.tidemill.message.PayloadSeal;
import io.tidemill.message.PayloadSeal.Kind;
import io.tidemill.message.PayloadSeal.Place;
import io.tidemill.task.PayloadException;
import io.tidemill.text.Texts;
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
 * @param acceptsUnsealed whether arguments and results that are not sealed are read
 */
public record Payloads(PayloadCodec codec, @Nullable PayloadSeal seal, boolean acceptsUnsealed) {

    /** The zero byte begins no text, so no codec that writes text is taken for a seal. */
    private static final byte[] MARK = "\0tmseal1 ".getBytes(StandardCharsets.US_ASCII);

    /** Of a seal that only protects from changes. As long as the other. */
    private static final byte[] READABLE_MARK = "\0tmsign1 ".getBytes(StandardCharsets.US_ASCII);

    /** What is not sealed is read. */
    public Payloads(PayloadCodec codec, @Nullable PayloadSeal seal) {
        this(codec, seal, true);
    }

    /** Whether these bytes are sealed, readable or not. */
    public static boolean isSealed(byte[] bytes) {
        return startsWith(bytes, MARK) || startsWith(bytes, READABLE_MARK);
    }

    /** What can be read of stored bytes without their seal, and may have been changed; null if nothing can. */
    public static byte @Nullable [] readable(byte[] stored) {
        if (!isSealed(stored)) {
            return stored;
        }
        byte[] sealed = sealedPart(stored);
        int end = startsWith(stored, READABLE_MARK) ? Texts.lastLineFeed(sealed) : -1;
        return end < 0 ? null : Arrays.copyOf(sealed, end);
    }

    private static boolean startsWith(byte[] bytes, byte[] mark) {
        return bytes.length >= mark.length && Arrays.equals(bytes, 0, mark.length, mark, 0, mark.length);
    }

    /** Where the name of the task ends that sealed bytes begin with. */
    private static int endOfName(byte[] stored) {
        int end = MARK.length;
        while (end < stored.length && stored[end] != '\n') {
            end++;
        }
        return end;
    }

    private static byte[] sealedPart(byte[] stored) {
        return Arrays.copyOfRange(stored, Math.min(endOfName(stored) + 1, stored.length), stored.length);
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
            byte[] mark = seal.isReadable() ? READABLE_MARK : MARK;
            byte[] all = Arrays.copyOf(mark, MARK.length + name.length + sealed.length);
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
     * @throws PayloadException if the seal says that they cannot be opened, or they are not sealed and that is not
     *     accepted
     * @throws SealFailedException if it throws anything else
     */
    public byte[] open(Kind kind, byte[] stored, String queue, @Nullable String task, String id) {
        if (!isSealed(stored)) {
            return accepted(kind, stored);
        }
        if (seal == null) {
            throw new MissingKeyException(
                    "it is sealed, and this process has no seal; add seal(...) where its TaskQueue is built");
        }
        String sealedFor = new String(stored, MARK.length, endOfName(stored) - MARK.length, StandardCharsets.UTF_8);
        if (task != null && !task.equals(sealedFor)) {
            throw new PayloadException("it was sealed for task \"" + sealedFor + "\" and not for this one", null);
        }
        try {
            return seal.open(sealedPart(stored), new Place(kind, queue, sealedFor, id));
        } catch (MissingKeyException e) {
            throw e;
        } catch (PayloadException e) {
            throw new PayloadException("the seal cannot open it: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw new SealFailedException(e);
        }
    }

    /** Failures are texts for people, and one that could not be sealed is stored as a text that says so. */
    private byte[] accepted(Kind kind, byte[] stored) {
        if (!acceptsUnsealed && kind != Kind.FAILURE) {
            throw new PayloadException(
                    "it is not sealed, and what is not sealed is refused here (acceptUnsealed)", null);
        }
        return stored;
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
