/** What the demo starts around the application, and how it looks at what was done. */
@NullMarked
package io.tidemill.examples.fashiondeck.demo;

import org.jspecify.annotations.NullMarked;
