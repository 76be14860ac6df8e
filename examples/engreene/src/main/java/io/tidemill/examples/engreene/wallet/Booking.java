package io.tidemill.examples.engreene.wallet;

import java.math.BigDecimal;

/**
 * A client has paid: the data of {@code calculate_commission}.
 *
 * @param id the same for the same booking
 * @param vendorId who is paid out
 * @param amount what was paid, in the marketplace's currency, with at most two decimals
 */
public record Booking(String id, String vendorId, BigDecimal amount) {

    /** The type of the jobs that split a booking. */
    public static final String TYPE = "calculate_commission";
}
