/**
 * EcoEaze, a farm marketplace whose background work runs on Tidemill. Start reading at
 * {@link io.tidemill.examples.ecoeaze.EcoEazeProducer} and {@link io.tidemill.examples.ecoeaze.EcoEazeWorker}.
 */
@NullMarked
package io.tidemill.examples.ecoeaze;

import org.jspecify.annotations.NullMarked;
