/** What is in stock: changed under a lock, ordered again in time, forecast and reported. */
@NullMarked
package io.tidemill.examples.ecoeaze.stock;

import org.jspecify.annotations.NullMarked;
