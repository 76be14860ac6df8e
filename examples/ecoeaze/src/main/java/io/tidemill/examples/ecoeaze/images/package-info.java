/** Product photos: made small for the web, judged, marked with the farm, cleaned up. */
@NullMarked
package io.tidemill.examples.ecoeaze.images;

import org.jspecify.annotations.NullMarked;
