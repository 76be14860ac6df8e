/** What the demo starts around the application, and the products that it sells. */
@NullMarked
package io.tidemill.examples.fashiondeck.demo;

import org.jspecify.annotations.NullMarked;
