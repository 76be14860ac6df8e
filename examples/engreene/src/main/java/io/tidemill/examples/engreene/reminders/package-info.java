/** Reminders of a vendor that has not answered, until the answer comes. */
@NullMarked
package io.tidemill.examples.engreene.reminders;

import org.jspecify.annotations.NullMarked;
