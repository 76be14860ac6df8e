package io.tidemill.examples.ecoeaze.farm;

import java.util.List;

/**
 * A farmer who sells on the marketplace.
 *
 * @param id short and stable; part of file names
 * @param name the person
 * @param farm the farm
 * @param email where alerts go
 * @param products what the farm sells
 */
public record Farmer(String id, String name, String farm, String email, List<Product> products) {}
