/**
 * What a producer writes and gets: {@code TaskClient} enqueues a {@code Call}, which is made from a method reference, a
 * {@code TaskRef} or a name; it gives a {@code JobHandle}. A {@code PreparedJob} is a call that is stored later.
 *
 * <p>Package {@code send} does the work.
 *
 * <p>Rank 7: imports everything below; never {@code worker}.
 */
@NullMarked
package io.tidemill.client;

import org.jspecify.annotations.NullMarked;
