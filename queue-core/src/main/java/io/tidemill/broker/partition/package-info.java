/** One queue in several: {@link io.tidemill.broker.partition.PartitionedBroker}. */
@NullMarked
package io.tidemill.broker.partition;

import org.jspecify.annotations.NullMarked;
