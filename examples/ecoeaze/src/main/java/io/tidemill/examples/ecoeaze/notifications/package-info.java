/** Push notifications over Redis pub/sub, with a history per user. */
@NullMarked
package io.tidemill.examples.ecoeaze.notifications;

import org.jspecify.annotations.NullMarked;
