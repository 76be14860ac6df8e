/**
 * What is stored of a job and of a worker, and how it is written: {@link io.tidemill.record.Job} and its
 * {@link io.tidemill.record.JobCodec}, {@link io.tidemill.record.WorkerRecord}. Arguments and results inside of a
 * record are the business of {@code message}.
 *
 * <p>Not exported. Rank 5: imports {@code message} and what stands below it.
 */
@NullMarked
package io.tidemill.record;

import org.jspecify.annotations.NullMarked;
