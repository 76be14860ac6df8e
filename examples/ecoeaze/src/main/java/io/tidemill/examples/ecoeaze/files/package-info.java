/** Files that are never seen half written, and Excel files of plain tables. */
@NullMarked
package io.tidemill.examples.ecoeaze.files;

import org.jspecify.annotations.NullMarked;
