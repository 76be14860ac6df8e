/** Who sells and who asks on Engreene. Stands in for its database. */
@NullMarked
package io.tidemill.examples.engreene.market;

import org.jspecify.annotations.NullMarked;
