/** The servers around the demo. */
@NullMarked
package io.tidemill.examples.engreene.demo;

import org.jspecify.annotations.NullMarked;
