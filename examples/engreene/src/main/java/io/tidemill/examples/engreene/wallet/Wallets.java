package io.tidemill.examples.engreene.wallet;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import java.math.BigDecimal;

/**
 * What vendors have earned, in whole cents: the balance in {@code wallet:{<vendor>}}, and each payout in the hash
 * {@code wallet:{<vendor>}:bookings}. A booking is paid out once, however often that is asked for. Thread-safe.
 */
public final class Wallets {

    private static final int CENTS = 2;

    /** KEYS: payouts, balance. ARGV: booking, cents. */
    private static final String PAY_OUT = """
        if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then
          return 0
        end
        redis.call('INCRBY', KEYS[2], ARGV[2])
        return 1
        """;

    private final RedisClusterCommands<String, String> redis;

    /** On this connection. */
    public Wallets(RedisClusterCommands<String, String> redis) {
        this.redis = redis;
    }

    /**
     * Adds a payout to a vendor's wallet.
     *
     * @return false, and nothing is changed, if the booking was paid out before
     */
    public boolean payOut(String vendor, Commission commission) {
        long cents = commission.payout().movePointRight(CENTS).longValueExact();
        Long isNew = redis.eval(
                PAY_OUT,
                ScriptOutputType.INTEGER,
                new String[] {"wallet:{" + vendor + "}:bookings", key(vendor)},
                commission.bookingId(),
                String.valueOf(cents));
        return isNew == 1;
    }

    /** What a vendor has earned. */
    public BigDecimal balance(String vendor) {
        String cents = redis.get(key(vendor));
        return BigDecimal.valueOf(cents == null ? 0 : Long.parseLong(cents), CENTS);
    }

    private static String key(String vendor) {
        return "wallet:{" + vendor + "}";
    }
}
