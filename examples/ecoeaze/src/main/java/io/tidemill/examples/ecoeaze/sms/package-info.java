/** Text messages over a gateway that speaks HTTP. */
@NullMarked
package io.tidemill.examples.ecoeaze.sms;

import org.jspecify.annotations.NullMarked;
