/** Orders that look wrong, with a score and the reasons. */
@NullMarked
package io.tidemill.examples.ecoeaze.fraud;

import org.jspecify.annotations.NullMarked;
