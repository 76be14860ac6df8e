package io.tidemill.examples.ecoeaze.stock;

/**
 * Whether a product was ordered again.
 *
 * @param product its id
 * @param quantity units that were ordered; 0 if there was enough
 * @param stock units that are there now
 */
public record Reorder(String product, int quantity, int stock) {}
