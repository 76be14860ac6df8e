package io.tidemill.examples.engreene.market;

/**
 * Who sells.
 *
 * @param id as in addresses of pages
 * @param name as shown
 * @param email where the vendor gets mail
 * @param category what the vendor offers
 * @param rating the mean of the clients' ratings, in tenths: 10 to 50
 */
public record Vendor(String id, String name, String email, String category, int rating) {}
