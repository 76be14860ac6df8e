/**
 * What is stored of a job and how it is written: {@link io.tidemill.message.Job} and its
 * {@link io.tidemill.message.JobCodec}, the arguments and results in between through a
 * {@link io.tidemill.message.PayloadCodec}, and {@link io.tidemill.message.Failure}, what is kept of an exception. The
 * only package that knows Jackson.
 *
 * <p>Rank 1: imports {@code task}.
 */
@NullMarked
package io.tidemill.message;

import org.jspecify.annotations.NullMarked;
