/**
 * The one Jackson mapper, for payloads and for records: {@link io.tidemill.json.Json}. Nothing is coerced, nothing
 * names a class.
 *
 * <p>Not exported. Rank 2: imports {@code task}. Only {@code json}, {@code message} and {@code record} know Jackson.
 */
@NullMarked
package io.tidemill.json;

import org.jspecify.annotations.NullMarked;
