package io.tidemill.broker;

import java.util.List;

/**
 * What became of a record of a workflow and of jobs that were to be stored with it.
 *
 * @param isWritten whether the record has the revision that was to be written; true if none was
 * @param jobs one reply per job, in the same order. {@link EnqueueReply.Duplicate} with the job's own id: its id is
 *     known, or the record had been written before, and the jobs with it. {@link EnqueueReply.Superseded}: the record
 *     has another revision, or the workflow of the job was stopped
 */
public record StoreReply(boolean isWritten, List<EnqueueReply> jobs) {}
