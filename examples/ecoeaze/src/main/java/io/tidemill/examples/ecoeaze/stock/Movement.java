package io.tidemill.examples.ecoeaze.stock;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * A change of a product's stock.
 *
 * @param product its id
 * @param reference the order or delivery that it belongs to
 * @param delta units that came in; negative for units that went out
 * @param at when
 */
public record Movement(String product, String reference, int delta, Instant at) {

    /** Reads what is kept in Redis: the reference, a space, the delta. */
    static Movement parse(String product, String text, long millis) {
        int space = text.lastIndexOf(' ');
        return new Movement(
                product,
                text.substring(0, space),
                Integer.parseInt(text.substring(space + 1)),
                Instant.ofEpochMilli(millis));
    }

    /** When a day begins, in milliseconds. */
    static long start(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
    }

    /** On which day it was. */
    public LocalDate day() {
        return LocalDate.ofInstant(at, ZoneOffset.UTC);
    }
}
