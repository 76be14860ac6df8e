/**
 * Everything that an operator can see and do: {@link io.tidemill.admin.QueueAdmin}, and the values that it gives. Pages
 * and commands have no powers beyond it.
 *
 * <p>Rank 8: imports {@code broker} and {@code client}.
 */
@NullMarked
package io.tidemill.admin;

import org.jspecify.annotations.NullMarked;
