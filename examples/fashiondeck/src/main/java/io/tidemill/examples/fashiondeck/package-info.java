/**
 * FashionDeck, a search over the fashion of several marketplaces, whose background work runs on Tidemill. Start reading
 * at {@link io.tidemill.examples.fashiondeck.FashionDeckWorker} and
 * {@link io.tidemill.examples.fashiondeck.refresh.ProductRefreshProducer}.
 */
@NullMarked
package io.tidemill.examples.fashiondeck;

import org.jspecify.annotations.NullMarked;
