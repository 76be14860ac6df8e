package io.tidemill.examples.engreene.wallet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.tidemill.examples.engreene.TestRedis;
import io.tidemill.examples.engreene.cache.CacheOptions;
import io.tidemill.examples.engreene.cache.TagCache;
import io.tidemill.examples.engreene.jobs.QueuedJob;
import io.tidemill.task.TaskSignal;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CommissionHandlerTest {

    private final RedisClusterCommands<String, String> redis = TestRedis.empty();
    private final Wallets wallets = new Wallets(redis);
    private final TagCache cache = new TagCache(redis, Clock.systemUTC());

    @Test
    void splitsToTheCent() {
        assertThat(commission("0.10", "250.00")).isEqualTo(split("25.00", "225.00"));
        assertThat(commission("0.10", "99.99")).isEqualTo(split("10.00", "89.99"));
        assertThat(commission("0.125", "100")).isEqualTo(split("12.50", "87.50"));
        assertThat(commission("0", "19.90")).isEqualTo(split("0.00", "19.90"));
        assertThat(commission("1", "19.90")).isEqualTo(split("19.90", "0.00"));
    }

    @Test
    void halfACentGoesToTheEvenSide() {
        assertThat(commission("0.10", "0.05").commission()).isEqualTo(new BigDecimal("0.00"));
        assertThat(commission("0.10", "0.15").commission()).isEqualTo(new BigDecimal("0.02"));
        assertThat(commission("0.10", "0.25").commission()).isEqualTo(new BigDecimal("0.02"));
    }

    @Test
    void thePartsAreTheWholeForEveryAmountAndRate() {
        for (String rate : new String[] {"0.1", "0.0333", "0.175", "0.999999"}) {
            for (long cents = 1; cents < 3_000; cents++) {
                BigDecimal amount = BigDecimal.valueOf(cents, 2);
                Commission commission = Commission.of(new Booking("b", "lumen", amount), new BigDecimal(rate));
                assertThat(commission.commission().add(commission.payout())).isEqualTo(amount);
                assertThat(commission.payout()).isNotNegative();
            }
        }
    }

    @Test
    void paysABookingOutOnce() {
        assertThat(run("b-1", "19.90")).isEqualTo(run("b-1", "19.90"));
        assertThat(wallets.balance("lumen")).isEqualTo(new BigDecimal("17.91"));
        run("b-2", "0.10");

        assertThat(wallets.balance("lumen")).isEqualTo(new BigDecimal("18.00"));
        assertThat(wallets.balance("saffron")).isEqualTo(new BigDecimal("0.00"));
    }

    @Test
    void whatPagesHaveCachedOfTheVendorIsInvalid() {
        CacheOptions options = CacheOptions.ttl(Duration.ofMinutes(5));
        cache.set("wallet:lumen", "0.00", options.tags(CommissionHandler.tag("lumen")));
        cache.set("wallet:saffron", "7.00", options.tags(CommissionHandler.tag("saffron")));

        run("b-1", "19.90");

        assertThat(cache.get("wallet:lumen", String.class)).isEmpty();
        assertThat(cache.get("wallet:saffron", String.class)).contains("7.00");
    }

    @Test
    void givesUpOnWhatIsNoAmount() {
        assertThatThrownBy(() -> run("b-1", "19.999")).isInstanceOf(TaskSignal.GiveUp.class);
        assertThatThrownBy(() -> run("b-2", "0"))
                .isInstanceOf(TaskSignal.GiveUp.class)
                .hasRootCauseMessage("a booking is paid with more than nothing, not with 0.00");
        assertThatThrownBy(() -> run("b-3", "-5")).isInstanceOf(TaskSignal.GiveUp.class);
        assertThat(wallets.balance("lumen")).isEqualTo(new BigDecimal("0.00"));
    }

    private Commission run(String booking, String amount) {
        return new CommissionHandler(new BigDecimal("0.10"), wallets, cache)
                .handle(new QueuedJob<>("job", Booking.TYPE, new Booking(booking, "lumen", new BigDecimal(amount)), 1));
    }

    private static Commission commission(String rate, String amount) {
        return Commission.of(new Booking("b-1", "lumen", new BigDecimal(amount)), new BigDecimal(rate));
    }

    private static Commission split(String commission, String payout) {
        return new Commission("b-1", new BigDecimal(commission), new BigDecimal(payout));
    }
}
