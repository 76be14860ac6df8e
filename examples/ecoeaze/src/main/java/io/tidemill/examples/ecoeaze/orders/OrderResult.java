package io.tidemill.examples.ecoeaze.orders;

/**
 * What became of an order.
 *
 * @param order its id
 * @param accepted whether there was enough in stock
 * @param left units that are left; what there was if the order was not accepted
 */
public record OrderResult(String order, boolean accepted, int left) {}
