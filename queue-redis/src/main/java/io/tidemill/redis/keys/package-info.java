/** The names of all keys and channels, spelled in one class: {@link io.tidemill.redis.keys.Keyspace}. */
@NullMarked
package io.tidemill.redis.keys;

import org.jspecify.annotations.NullMarked;
