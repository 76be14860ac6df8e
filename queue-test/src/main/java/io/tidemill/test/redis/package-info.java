/**
 * A real Redis for tests, in a process of its own: {@link io.tidemill.test.redis.RedisServer}; and a cluster of them:
 * {@link io.tidemill.test.redis.RedisCluster}.
 */
@NullMarked
package io.tidemill.test.redis;

import org.jspecify.annotations.NullMarked;
