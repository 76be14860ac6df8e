/** The servers around the demo, and what it notes and compares. */
@NullMarked
package io.tidemill.examples.engreene.demo;

import org.jspecify.annotations.NullMarked;
