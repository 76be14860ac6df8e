/** What vendors are notified of. */
@NullMarked
package io.tidemill.examples.engreene.notifications;

import org.jspecify.annotations.NullMarked;
