/** Who sells what: the farmers of the marketplace. */
@NullMarked
package io.tidemill.examples.ecoeaze.farm;

import org.jspecify.annotations.NullMarked;
