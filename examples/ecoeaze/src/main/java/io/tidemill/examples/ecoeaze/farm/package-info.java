/** Who sells what, and what is ordered: the nouns of the marketplace. */
@NullMarked
package io.tidemill.examples.ecoeaze.farm;

import org.jspecify.annotations.NullMarked;
