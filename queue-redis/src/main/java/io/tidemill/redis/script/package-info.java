/**
 * The scripts, one per hop of the broker port and named as it: {@link io.tidemill.redis.script.Script} lists them,
 * {@link io.tidemill.redis.script.ScriptRunner} sends them. The texts are in {@code resources/io/tidemill/redis/lua}.
 */
@NullMarked
package io.tidemill.redis.script;

import org.jspecify.annotations.NullMarked;
