/**
 * Help for tests: {@link io.tidemill.test.FakeClock} is time moved by hand, and the contracts
 * ({@link io.tidemill.test.BrokerContract}, {@link io.tidemill.test.ResultBackendContract},
 * {@link io.tidemill.test.ServiceContract}) are what every implementation of a port must pass: extend one, say how to
 * make the thing, and run it as a JUnit test.
 *
 * <p>The contracts need JUnit Jupiter and AssertJ on the test class path.
 */
@NullMarked
package io.tidemill.test;

import org.jspecify.annotations.NullMarked;
