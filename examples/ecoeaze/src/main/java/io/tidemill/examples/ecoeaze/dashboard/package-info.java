/** Live figures: by pub/sub, and as JSON over HTTP. */
@NullMarked
package io.tidemill.examples.ecoeaze.dashboard;

import org.jspecify.annotations.NullMarked;
