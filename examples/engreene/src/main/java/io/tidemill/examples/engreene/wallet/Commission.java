package io.tidemill.examples.engreene.wallet;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * How a booking is split. The two parts are the amount, to the cent.
 *
 * @param bookingId which booking
 * @param commission what Engreene keeps: amount times rate, rounded to the cent, and a half to the even one
 * @param payout what the vendor gets: the rest
 */
public record Commission(String bookingId, BigDecimal commission, BigDecimal payout) {

    private static final int CENTS = 2;

    /**
     * Splits a booking.
     *
     * @throws ArithmeticException if its amount has more than two decimals
     * @throws IllegalArgumentException if its amount is not above zero
     */
    public static Commission of(Booking booking, BigDecimal rate) {
        BigDecimal amount = booking.amount().setScale(CENTS, RoundingMode.UNNECESSARY);
        if (amount.signum() <= 0) {
            throw new IllegalArgumentException("a booking is paid with more than nothing, not with " + amount);
        }
        BigDecimal commission = amount.multiply(rate).setScale(CENTS, RoundingMode.HALF_EVEN);
        return new Commission(booking.id(), commission, amount.subtract(commission));
    }
}
