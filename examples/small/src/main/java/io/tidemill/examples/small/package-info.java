/** Programs of one file, each about one idea. */
@NullMarked
package io.tidemill.examples.small;

import org.jspecify.annotations.NullMarked;
