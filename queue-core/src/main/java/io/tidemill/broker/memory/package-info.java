/**
 * The in-memory broker: what every other broker is measured against. It is written to be read, because it says what
 * each hop of the port means; {@link io.tidemill.broker.memory.MemoryBroker} is the door and {@code MemoryQueue} the
 * specification.
 *
 * <p>Rank 7: imports {@code time}, {@code task} and {@code broker}.
 */
@NullMarked
package io.tidemill.broker.memory;

import org.jspecify.annotations.NullMarked;
