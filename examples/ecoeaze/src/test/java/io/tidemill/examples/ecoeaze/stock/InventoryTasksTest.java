package io.tidemill.examples.ecoeaze.stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.TaskQueue;
import io.tidemill.admin.JobInfo;
import io.tidemill.examples.ecoeaze.TestRedis;
import io.tidemill.examples.ecoeaze.files.Sheets;
import io.tidemill.task.JobState;
import io.tidemill.task.TaskContext;
import io.tidemill.test.TestContext;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the tasks request stays in a queue in memory that nobody works on. */
class InventoryTasksTest {

    private static final Instant NOON = Instant.parse("2026-03-10T12:00:00Z");
    private static final LocalDate TODAY = LocalDate.parse("2026-03-10");
    private static final Clock CLOCK = Clock.fixed(NOON, ZoneOffset.UTC);

    private final StatefulRedisConnection<String, String> redis = TestRedis.empty();
    private final Inventory inventory = new Inventory(redis);
    private final InventoryCache cache = new InventoryCache(redis);
    private final TaskQueue queue = TaskQueue.builder().start();
    private final InventoryTasks tasks = new InventoryTasks(queue, inventory, cache, CLOCK);

    @TempDir
    Path directory;

    /** Four weeks with four jars sold on each day, and 20 left. */
    @BeforeEach
    void sellHoney() throws Exception {
        inventory.change("honey", 132, "delivery", NOON.minus(Duration.ofDays(29)));
        for (int day = 1; day <= 28; day++) {
            inventory.change("honey", -4, "sale " + day, NOON.minus(Duration.ofDays(day)));
        }
    }

    @AfterEach
    void close() {
        queue.close();
    }

    @Test
    void forecastsFromWhatWasSold() {
        Demand demand = tasks.predictDemand("honey", 3);

        assertThat(demand).isEqualTo(new Demand("honey", TODAY, List.of(4.0, 4.0, 4.0), "holt-winters", 0));
    }

    @Test
    void refusesWhatNobodyCanForecast() {
        assertThatThrownBy(() -> tasks.predictDemand("honey", 29)).hasMessage("a forecast covers 1 to 28 days, not 29");
        assertThatThrownBy(() -> tasks.predictDemand("gold", 3)).hasMessage("nobody sells 'gold'");
    }

    @Test
    void ordersForTwoWeeksWhatWillNotLastForOne() throws Exception {
        Reorder reorder = reorder("job-1");

        assertThat(reorder).isEqualTo(new Reorder("honey", 36, 56));
        JobInfo mail = waiting("mail").get(0);
        assertThat(mail.id()).isEqualTo("job-1:mail");
        assertThat(mail.payload())
                .startsWith("[\"tomas@colmenar.example\",\"Ordered: Rosemary honey, 500 g\",")
                .contains("we have ordered 36 of \\\"Rosemary honey, 500 g\\\"");
        assertThat(waiting("stock")).extracting(JobInfo::task).containsExactly("update_inventory_cache");
    }

    @Test
    void ordersNothingWhenThereIsEnough() throws Exception {
        inventory.change("honey", 8, "delivery 2", NOON);

        assertThat(reorder("job-1")).isEqualTo(new Reorder("honey", 0, 28));

        assertThat(waiting("mail")).isEmpty();
    }

    @Test
    void ordersOnceWhenTheJobRunsTwice() throws Exception {
        reorder("job-1");

        assertThat(reorder("job-1")).isEqualTo(new Reorder("honey", 36, 56));

        assertThat(waiting("mail")).hasSize(1);
    }

    @Test
    void twoJobsAtOnceOrderOnce() throws Exception {
        InventoryTasks other = new InventoryTasks(queue, new Inventory(TestRedis.another()), cache, CLOCK);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<Reorder> one = threads.submit(() -> reorder("job-1"));
            Future<Reorder> two = threads.submit(
                    () -> TaskContext.callWith(TestContext.of("job-2"), () -> other.autoReorderStock("honey")));

            assertThat(one.get().quantity() + two.get().quantity()).isEqualTo(36);
            assertThat(inventory.stock("honey")).isEqualTo(56);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void makesTheViewThatPagesShow() throws Exception {
        inventory.change("honey", -3, "order 1", NOON);

        StockView view = tasks.updateInventoryCache("honey");

        assertThat(view).isEqualTo(new StockView("honey", 17, 3, 28));
        assertThat(view.isLow()).isTrue();
        assertThat(cache.find("honey")).contains(view);
        assertThat(cache.find("eggs")).isEmpty();
        assertThat(redis.sync().pttl("inventory:cache:honey")).isPositive();
    }

    @Test
    void manyChangesNeedOneView() {
        for (int i = 0; i < 5; i++) {
            InventoryTasks.requestView(queue, "honey");
        }
        InventoryTasks.requestView(queue, "eggs");

        assertThat(waiting("stock")).extracting(JobInfo::payload).containsExactly("[\"honey\"]", "[\"eggs\"]");
    }

    @Test
    void reportsStockAndMovements() throws Exception {
        InventoryReport report = new InventoryReportTask(inventory, directory, CLOCK).generateInventoryReport("f-102");

        assertThat(report)
                .isEqualTo(new InventoryReport(
                        directory.resolve("inventory-f-102-2026-03-10.xlsx").toString(),
                        3,
                        29,
                        new BigDecimal("86.00")));
        List<List<String>> stock = Sheets.read(report.path(), "Stock");
        assertThat(stock.get(0)).containsExactly("Colmenar Rivera: stock on 2026-03-10");
        List<String> honey = row(stock, "Rosemary honey, 500 g");
        assertThat(honey.subList(1, 2)).containsExactly("20");
        assertThat(numbers(honey.subList(2, 6))).containsExactly(4.3, 86, 112, 20 * 30 / 112.0);
        assertThat(row(stock, "Beeswax candle").get(1)).isEqualTo("0");
        assertThat(numbers(row(stock, "Total").subList(3, 4))).containsExactly(86);
        List<List<String>> movements = Sheets.read(report.path(), "Movements");
        assertThat(movements).hasSize(30);
        assertThat(movements.get(1).subList(1, 4)).containsExactly("Rosemary honey, 500 g", "delivery", "132");
        assertThat(movements.get(29).subList(1, 4)).containsExactly("Rosemary honey, 500 g", "sale 1", "-4");
    }

    private static List<String> row(List<List<String>> rows, String first) {
        return rows.stream().filter(row -> row.get(0).equals(first)).findFirst().orElseThrow();
    }

    private static double[] numbers(List<String> texts) {
        return Stream.of(texts.toArray(String[]::new))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    private Reorder reorder(String job) throws Exception {
        return TaskContext.callWith(TestContext.of(job), () -> tasks.autoReorderStock("honey"));
    }

    private List<JobInfo> waiting(String name) {
        return queue.admin().list(name, JobState.READY, 0, 10);
    }
}
