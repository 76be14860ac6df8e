/** Orders of customers: taken out of the stock, once each. */
@NullMarked
package io.tidemill.examples.ecoeaze.orders;

import org.jspecify.annotations.NullMarked;
