/** What the demo needs around the application: servers and sample photos. */
@NullMarked
package io.tidemill.examples.ecoeaze.demo;

import org.jspecify.annotations.NullMarked;
