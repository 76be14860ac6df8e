package io.tidemill.examples.ecoeaze.stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.examples.ecoeaze.TestRedis;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class InventoryTest {

    private static final Instant NOON = Instant.parse("2026-03-10T12:00:00Z");
    private static final LocalDate DAY = LocalDate.parse("2026-03-10");
    private static final Pattern SET_CALLS = Pattern.compile("cmdstat_set:calls=(\\d+)");

    private final StatefulRedisConnection<String, String> redis = TestRedis.empty();
    private final Inventory inventory = new Inventory(redis);

    @Test
    void keepsStockAndMovements() throws Exception {
        inventory.change("honey", 10, "delivery 1", NOON.minus(Duration.ofDays(1)));

        assertThat(inventory.change("honey", -3, "order 1", NOON)).hasValue(7);

        assertThat(inventory.stock("honey")).isEqualTo(7);
        assertThat(inventory.stock("eggs")).isZero();
        assertThat(inventory.movements("honey", DAY.minusDays(1), DAY))
                .containsExactly(
                        new Movement("honey", "delivery 1", 10, NOON.minus(Duration.ofDays(1))),
                        new Movement("honey", "order 1", -3, NOON));
        assertThat(inventory.movements("honey", DAY, DAY)).hasSize(1);
        assertThat(inventory.sales("honey", DAY.minusDays(2), DAY)).containsExactly(0, 0, 3);
    }

    @Test
    void changesOncePerReference() throws Exception {
        inventory.change("honey", 10, "delivery 1", NOON);
        inventory.change("honey", -3, "order 1", NOON);

        assertThat(inventory.change("honey", -3, "order 1", NOON)).hasValue(7);

        assertThat(inventory.find("honey", "order 1")).hasValue(-3);
        assertThat(inventory.find("honey", "order 2")).isEmpty();
        assertThat(inventory.movements("honey", DAY, DAY)).hasSize(2);
    }

    @Test
    void isNeverBelowZero() throws Exception {
        inventory.change("honey", 2, "delivery 1", NOON);

        assertThat(inventory.change("honey", -3, "order 1", NOON)).isEmpty();

        assertThat(inventory.stock("honey")).isEqualTo(2);
        assertThat(inventory.find("honey", "order 1")).isEmpty();
        assertThat(inventory.change("honey", -2, "order 2", NOON)).hasValue(0);
    }

    @Test
    void changesNothingUnderALockThatHasEnded() throws Exception {
        inventory.change("honey", 2, "delivery 1", NOON);
        InventoryLock.Held frozen = inventory.lock("honey");
        redis.sync().del("inventory:lock:honey");

        try (InventoryLock.Held other = inventory.lock("honey")) {
            assertThatThrownBy(() -> inventory.change(frozen, -1, "order 1", NOON))
                    .isInstanceOf(StockBusyException.class)
                    .hasMessage("the lock on 'honey' ended before its stock was changed");
            frozen.close();
            assertThat(inventory.change(other, -1, "order 2", NOON)).hasValue(1);
        }

        assertThat(inventory.stock("honey")).isEqualTo(1);
        assertThat(redis.sync().exists("inventory:lock:honey")).isZero();
    }

    @Test
    void aLockEndsByItself() throws Exception {
        inventory.lock("honey");

        assertThat(redis.sync().pttl("inventory:lock:honey")).isBetween(1L, InventoryLock.LONGEST.toMillis());
    }

    @Test
    void aSecondOneWaitsForTheLock() throws Exception {
        inventory.change("honey", 1, "delivery 1", NOON);
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            Future<OptionalInt> second;
            try (InventoryLock.Held first = inventory.lock("honey")) {
                long before = triesToLock();
                second = threads.submit(() -> inventory.change("honey", -1, "order 2", NOON));
                Waits.until("the second one tries again", () -> triesToLock() >= before + 3);
                assertThat(second).isNotDone();
                assertThat(inventory.change(first, -1, "order 1", NOON)).hasValue(0);
            }
            assertThat(second.get(20, TimeUnit.SECONDS)).isEmpty();
        } finally {
            threads.shutdownNow();
        }
    }

    /** How often Redis was asked for a lock: SET is used for that, and once per change by its script. */
    private long triesToLock() {
        Matcher calls = SET_CALLS.matcher(redis.sync().info("commandstats"));
        return calls.find() ? Long.parseLong(calls.group(1)) : 0;
    }

    @Test
    void ordersOfManyThreadsAndTwoProcessesNeverOversell() throws Exception {
        inventory.change("honey", 100, "delivery 1", NOON);
        List<Inventory> processes = List.of(inventory, new Inventory(TestRedis.another()));
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try {
            List<Callable<Integer>> orders = new ArrayList<>();
            for (int i = 0; i < 120; i++) {
                int units = 1 + i % 3;
                String reference = "order " + i;
                Inventory process = processes.get(i % 2);
                orders.add(
                        () -> process.change("honey", -units, reference, NOON).isPresent() ? units : 0);
            }
            int sold = 0;
            for (Future<Integer> order : threads.invokeAll(orders)) {
                sold += order.get();
            }

            assertThat(sold).isEqualTo(100);
            assertThat(inventory.stock("honey")).isZero();
            assertThat(inventory.sales("honey", DAY, DAY)).containsExactly(100);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void whoLooksFirstAndTakesThenIsAloneBetween() throws Exception {
        inventory.change("honey", 5, "delivery 1", NOON);
        List<Inventory> processes = List.of(inventory, new Inventory(TestRedis.another()));
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Boolean>> decisions = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                Inventory process = processes.get(i % 2);
                String reference = "reserve " + i;
                decisions.add(() -> {
                    try (InventoryLock.Held lock = process.lock("honey")) {
                        // Takes one only if more than one is left: no script knows that rule
                        return process.stock("honey") > 1
                                && process.change(lock, -1, reference, NOON).isPresent();
                    }
                });
            }
            int taken = 0;
            for (Future<Boolean> decision : threads.invokeAll(decisions)) {
                taken += decision.get() ? 1 : 0;
            }

            assertThat(taken).isEqualTo(4);
            assertThat(inventory.stock("honey")).isEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
    }
}
