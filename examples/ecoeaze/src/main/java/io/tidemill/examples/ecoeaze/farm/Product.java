package io.tidemill.examples.ecoeaze.farm;

import java.math.BigDecimal;

/**
 * Something that a farmer sells.
 *
 * @param id short and stable; part of file names and keys
 * @param name what it is, with its unit
 * @param price of one unit, in euros
 * @param cost what one unit costs the farm, in euros
 */
public record Product(String id, String name, BigDecimal price, BigDecimal cost) {

    Product(String id, String name, String price, String cost) {
        this(id, name, new BigDecimal(price), new BigDecimal(cost));
    }
}
