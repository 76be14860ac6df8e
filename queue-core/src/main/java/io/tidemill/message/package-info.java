/**
 * How arguments and results are written: {@link io.tidemill.message.PayloadCodec}, with
 * {@link io.tidemill.message.JsonPayloadCodec} as the usual one; and {@link io.tidemill.message.Failure}, what is kept
 * of an exception.
 *
 * <p>Rank 4: imports {@code task}, {@code text} and {@code json}.
 */
@NullMarked
package io.tidemill.message;

import org.jspecify.annotations.NullMarked;
