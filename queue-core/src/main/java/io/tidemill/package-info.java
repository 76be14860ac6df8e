/**
 * The front door: {@link io.tidemill.TaskQueue}. Only this package knows how the parts are put together; nothing in
 * core imports it.
 */
@NullMarked
package io.tidemill;

import org.jspecify.annotations.NullMarked;
