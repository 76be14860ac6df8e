/**
 * Queues in Redis. {@link io.tidemill.redis.RedisBroker} is the door; {@link io.tidemill.redis.RedisResultBackend}
 * keeps results in a server of their own; {@link io.tidemill.redis.RedisOptions} tunes both.
 *
 * <p>A request passes these classes: {@code RedisBroker} (checks sizes, finds the queue), {@code RedisQueue} (fills in
 * the {@link io.tidemill.redis.script.ScriptRequest}), {@code NumberedRequests} (one at a time, numbered),
 * {@code Requests} (sent until it is answered), {@code Connector} (which connection),
 * {@link io.tidemill.redis.script.ScriptRunner} (by its digest). The {@code Reply} goes back to {@code RedisQueue}.
 *
 * <p>Imports {@code queue-core} and Lettuce.
 */
@NullMarked
package io.tidemill.redis;

import org.jspecify.annotations.NullMarked;
