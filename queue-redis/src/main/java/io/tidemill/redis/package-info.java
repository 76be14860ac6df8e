/**
 * Queues in Redis. {@link io.tidemill.redis.RedisBroker} is the door; {@link io.tidemill.redis.RedisResultBackend}
 * keeps results in a server of their own; {@link io.tidemill.redis.RedisOptions} tunes both.
 *
 * <p>A call goes through these hands, one class each: {@code RedisBroker} (which hop, which keys), {@code NumberedCalls} (one
 * at a time, numbered), {@code Requests} (again and again until answered), {@code Connector} (which connection),
 * {@link io.tidemill.redis.script.ScriptRunner} (by its digest).
 *
 * <p>Imports {@code queue-core} and Lettuce.
 */
@NullMarked
package io.tidemill.redis;

import org.jspecify.annotations.NullMarked;
