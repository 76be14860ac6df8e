package io.tidemill.broker;

/**
 * A change of the notes of a job: some of their beginning stays, and what follows is new.
 *
 * <p>The notes of one job are numbered from 1, over all its runs. One with a number that was written before is taken
 * for a repeated request. One that lets something stay has to follow the one before it.
 *
 * <p>Immutable, except that {@code bytes} is not copied.
 *
 * @param id the job
 * @param token the lease that it is held under
 * @param number 1 to {@value #MAX_NUMBER}
 * @param stays how many bytes of the present notes stay, from their beginning
 * @param bytes what follows them; the whole is at most {@value Notes#MAX_BYTES} bytes
 */
public record Note(String id, String token, long number, int stays, byte[] bytes) {

    /** The last number. */
    public static final long MAX_NUMBER = 9_999_999_999L;

    /** Checks the numbers. */
    public Note {
        if (number < 1 || number > MAX_NUMBER) {
            throw new IllegalArgumentException("the number of a note must be 1 to " + MAX_NUMBER + ", got " + number);
        }
        if (stays < 0 || bytes.length > Notes.MAX_BYTES - stays) {
            throw new IllegalArgumentException("the notes of a job may have " + Notes.MAX_BYTES + " bytes, got " + stays
                    + " that stay and " + bytes.length + " more");
        }
    }

    /** The same under another token. */
    public Note under(String value) {
        return new Note(id, value, number, stays, bytes);
    }
}
