/** What users do, in sorted sets, and a report of it. */
@NullMarked
package io.tidemill.examples.ecoeaze.behavior;

import org.jspecify.annotations.NullMarked;
