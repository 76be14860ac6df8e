/** Files that are never seen half written. */
@NullMarked
package io.tidemill.examples.ecoeaze.files;

import org.jspecify.annotations.NullMarked;
