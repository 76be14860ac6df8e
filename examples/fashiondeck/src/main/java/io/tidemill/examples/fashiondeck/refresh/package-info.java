/** Products from marketplaces, fetched by jobs. */
@NullMarked
package io.tidemill.examples.fashiondeck.refresh;

import org.jspecify.annotations.NullMarked;
