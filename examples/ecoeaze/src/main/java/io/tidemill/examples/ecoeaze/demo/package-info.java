/** What the demo needs around the application: servers, sample photos, and a log of what happened. */
@NullMarked
package io.tidemill.examples.ecoeaze.demo;

import org.jspecify.annotations.NullMarked;
