/** What visitors searched for, counted each night. */
@NullMarked
package io.tidemill.examples.fashiondeck.analytics;

import org.jspecify.annotations.NullMarked;
