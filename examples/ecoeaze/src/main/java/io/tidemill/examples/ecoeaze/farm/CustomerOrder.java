package io.tidemill.examples.ecoeaze.farm;

import java.math.BigDecimal;
import java.time.Instant;

/**
 * What a customer has ordered.
 *
 * @param id names the order, once and for all
 * @param customer who
 * @param product what
 * @param quantity how many units
 * @param amount what is to be paid, in euros
 * @param payment with what it is paid
 * @param shipTo country code of the address
 * @param placedAt when
 */
public record CustomerOrder(
        String id,
        Customer customer,
        String product,
        int quantity,
        BigDecimal amount,
        Payment payment,
        String shipTo,
        Instant placedAt) {

    /**
     * Who orders.
     *
     * @param id short and stable
     * @param email where mails go
     * @param since when the account was opened
     */
    public record Customer(String id, String email, Instant since) {}

    /**
     * A card, without its number.
     *
     * @param fingerprint the same for the same card
     * @param country code of the bank's country
     */
    public record Payment(String fingerprint, String country) {}
}
