/** Product photos: made small for the web, and thumbnails of them. */
@NullMarked
package io.tidemill.examples.ecoeaze.images;

import org.jspecify.annotations.NullMarked;
