/**
 * For those who write brokers and other parts: what every implementation of a port must pass. Extend
 * {@link io.tidemill.conformance.BrokerContract}, {@link io.tidemill.conformance.TaskQueueContract},
 * {@link io.tidemill.conformance.ResultBackendContract} or {@link io.tidemill.conformance.ServiceContract}, say how to
 * make the thing, and run it as a JUnit test. {@code fault} makes faults and judges what came of them.
 */
@NullMarked
package io.tidemill.conformance;

import org.jspecify.annotations.NullMarked;
