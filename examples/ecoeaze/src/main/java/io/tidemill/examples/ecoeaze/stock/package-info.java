/** What happens when a product runs low. */
@NullMarked
package io.tidemill.examples.ecoeaze.stock;

import org.jspecify.annotations.NullMarked;
