package io.tidemill.examples.ecoeaze.reports;

import java.math.BigDecimal;
import java.time.LocalDate;

/**
 * One line of an order.
 *
 * @param id the order
 * @param date when it was placed
 * @param product what was bought
 * @param quantity how many units
 * @param unitPrice of one unit, in euros
 */
public record Order(String id, LocalDate date, String product, int quantity, BigDecimal unitPrice) {

    /** What it came to, in euros. */
    public BigDecimal amount() {
        return unitPrice.multiply(BigDecimal.valueOf(quantity));
    }
}
