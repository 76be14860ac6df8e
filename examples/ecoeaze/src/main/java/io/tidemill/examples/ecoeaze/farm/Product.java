package io.tidemill.examples.ecoeaze.farm;

import java.math.BigDecimal;

/**
 * Something that a farmer sells.
 *
 * @param name what it is, with its unit
 * @param price of one unit, in euros
 */
public record Product(String name, BigDecimal price) {

    Product(String name, String price) {
        this(name, new BigDecimal(price));
    }
}
