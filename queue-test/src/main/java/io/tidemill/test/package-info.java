/**
 * Help for tests. For yours: {@link io.tidemill.test.Recorder} hears what happens and waits for what is to happen,
 * {@link io.tidemill.test.TestContext} stands in for a running job, {@link io.tidemill.test.FakeClock} is time moved by
 * hand, {@link io.tidemill.test.Waits} waits for what nobody announces, {@code redis.RedisServer} is a real Redis, and
 * {@code fault} holds a proxy that loses answers and a checker of histories.
 *
 * <p>For brokers and other parts, the contracts ({@link io.tidemill.test.BrokerContract},
 * {@link io.tidemill.test.TaskQueueContract}, {@link io.tidemill.test.ResultBackendContract},
 * {@link io.tidemill.test.ServiceContract}) are what every implementation of a port must pass: extend one, say how to
 * make the thing, and run it as a JUnit test.
 *
 * <p>The contracts need JUnit Jupiter and AssertJ on the test class path.
 */
@NullMarked
package io.tidemill.test;

import org.jspecify.annotations.NullMarked;
