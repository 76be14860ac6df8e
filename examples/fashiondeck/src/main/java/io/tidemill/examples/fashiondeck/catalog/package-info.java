/** Products and their vectors, as the marketplaces last gave them. */
@NullMarked
package io.tidemill.examples.fashiondeck.catalog;

import org.jspecify.annotations.NullMarked;
