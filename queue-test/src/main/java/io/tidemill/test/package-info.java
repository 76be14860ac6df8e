/**
 * Help for the tests of applications: {@link io.tidemill.test.TestQueue} runs jobs on the thread of the test in a time
 * that the test moves, {@link io.tidemill.test.Recorder} hears what happens and waits for what is to happen,
 * {@link io.tidemill.test.TestContext} stands in for a running job, {@link io.tidemill.test.FakeClock} is time moved by
 * hand, {@link io.tidemill.test.Waits} waits for what nobody announces, and {@code redis.RedisServer} is a real Redis.
 */
@NullMarked
package io.tidemill.test;

import org.jspecify.annotations.NullMarked;
