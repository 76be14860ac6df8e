package io.tidemill.broker;

import java.util.concurrent.CompletableFuture;

/**
 * Keeps the notes of runs, of a broker that has {@link Ability#NOTES}: what a run has done so far, for the later runs
 * of its job. They are a part of the job and end with it: a job that fails, dies, loses its lease or is redriven keeps
 * its notes, and each {@link Claim} brings them. A job that succeeded and is kept does not have them any more.
 * Everything said of {@link Broker} holds here, too.
 *
 * <p>Thread-safe.
 */
public interface NoteStore {

    /** Writes the notes of a job that the caller holds. A {@link Note} that is sent again changes nothing more. */
    CompletableFuture<NoteReply> note(String queue, Note note);
}
