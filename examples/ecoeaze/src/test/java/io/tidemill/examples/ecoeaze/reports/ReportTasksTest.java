package io.tidemill.examples.ecoeaze.reports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tidemill.examples.ecoeaze.TestRedis;
import io.tidemill.examples.ecoeaze.farm.Farmer;
import io.tidemill.examples.ecoeaze.farm.Farmers;
import io.tidemill.examples.ecoeaze.farm.Product;
import java.io.File;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.dhatim.fastexcel.reader.Row;
import org.dhatim.fastexcel.reader.Sheet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReportTasksTest {

    private static final YearMonth MONTH = YearMonth.of(2025, 10);

    private final ReportCache cache = new ReportCache(TestRedis.empty());

    @TempDir
    Path directory;

    @Test
    void writesEveryOrder() throws Exception {
        SalesReport report = tasks().generateSalesReport("f-101", MONTH);

        List<Order> orders = Orders.of(Farmers.find("f-101"), MONTH);
        List<Row> rows = read(report.path(), "Orders");
        assertThat(report.rows()).isEqualTo(orders.size());
        assertThat(rows).hasSize(orders.size() + 1);
        for (int i = 0; i < orders.size(); i++) {
            Order order = orders.get(i);
            Row row = rows.get(i + 1);
            assertThat(row.getCellAsDate(0).orElseThrow().toLocalDate()).isEqualTo(order.date());
            assertThat(row.getCellText(1)).isEqualTo(order.id());
            assertThat(row.getCellText(2)).isEqualTo(order.product());
            assertThat(number(row, 3)).isEqualByComparingTo(BigDecimal.valueOf(order.quantity()));
            assertThat(number(row, 4)).isEqualByComparingTo(order.unitPrice());
            assertThat(number(row, 5)).isEqualByComparingTo(order.amount());
        }
    }

    @Test
    void sumsUpByProduct() throws Exception {
        SalesReport report = tasks().generateSalesReport("f-103", MONTH);

        Farmer farmer = Farmers.find("f-103");
        List<Order> orders = Orders.of(farmer, MONTH);
        List<Row> rows = read(report.path(), "Products");
        assertThat(rows.get(0).getCellText(0)).isEqualTo("Mori Market Garden: sales in 2025-10");
        List<Row> lines = rows.subList(rows.size() - farmer.products().size() - 1, rows.size() - 1);
        assertThat(lines)
                .extracting(row -> row.getCellText(0))
                .containsExactlyInAnyOrderElementsOf(
                        farmer.products().stream().map(Product::name).toList());
        for (Row line : lines) {
            List<Order> ofProduct = orders.stream()
                    .filter(order -> order.product().equals(line.getCellText(0)))
                    .toList();
            assertThat(number(line, 1)).isEqualByComparingTo(BigDecimal.valueOf(ofProduct.size()));
            assertThat(number(line, 3)).isEqualByComparingTo(sum(ofProduct));
        }
        assertThat(lines).extracting(row -> number(row, 3)).isSortedAccordingTo((a, b) -> b.compareTo(a));
        Row total = rows.get(rows.size() - 1);
        assertThat(total.getCellText(0)).isEqualTo("Total");
        assertThat(number(total, 1)).isEqualByComparingTo(BigDecimal.valueOf(orders.size()));
        assertThat(number(total, 3)).isEqualByComparingTo(sum(orders));
        assertThat(report.total()).isEqualTo(sum(orders));
    }

    @Test
    void writesTheSameAgainWhenTheJobRunsTwice() throws Exception {
        ReportTasks tasks = tasks();

        SalesReport first = tasks.generateSalesReport("f-102", MONTH);
        SalesReport second = tasks.generateSalesReport("f-102", MONTH);

        assertThat(second).isEqualTo(first);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(Path.of(first.path()));
        }
    }

    @Test
    void reportsProfitAndLoss() throws Exception {
        ProfitLossReport report = tasks().generateProfitLossReport("f-101", "monthly");

        List<Order> orders = Orders.of(Farmers.find("f-101"), YearMonth.of(2025, 10));
        BigDecimal goods = orders.stream()
                .map(order -> cost(order.product()).multiply(BigDecimal.valueOf(order.quantity())))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        assertThat(report.from()).isEqualTo(LocalDate.parse("2025-10-01"));
        assertThat(report.to()).isEqualTo(LocalDate.parse("2025-10-31"));
        assertThat(report.revenue()).isEqualTo(sum(orders));
        assertThat(report.costs().subtract(goods).doubleValue())
                .isCloseTo(0.08 * sum(orders).doubleValue(), within(0.02));
        assertThat(report.profit()).isEqualTo(report.revenue().subtract(report.costs()));
        List<Row> rows = read(report.path(), "Profit and loss");
        assertThat(rows.get(0).getCellText(0)).isEqualTo("Brandt Orchard: profit and loss, 2025-10-01 to 2025-10-31");
        List<Row> products = rows.subList(2, 5);
        assertThat(products)
                .extracting(row -> row.getCellText(0))
                .containsExactly("Elstar apples, 1 kg", "Williams pears, 1 kg", "Cloudy cider, 1 l");
        for (int column = 1; column <= 4; column++) {
            int each = column;
            BigDecimal sum = products.stream().map(row -> number(row, each)).reduce(BigDecimal.ZERO, BigDecimal::add);
            assertThat(number(rows.get(5), column)).isEqualByComparingTo(sum);
        }
        assertThat(number(rows.get(5), 4)).isEqualByComparingTo(report.profit());
        assertThat(number(rows.get(5), 5).doubleValue())
                .isCloseTo(
                        100 * report.profit().doubleValue() / report.revenue().doubleValue(), within(1e-6));
    }

    @Test
    void aReportOfTheLastHourIsNotWrittenAgain() throws Exception {
        ReportTasks tasks = tasks();
        ProfitLossReport first = tasks.generateProfitLossReport("f-101", "weekly");
        Files.writeString(Path.of(first.path()), "still the same");

        assertThat(tasks.generateProfitLossReport("f-101", "weekly")).isEqualTo(first);

        assertThat(Path.of(first.path())).hasContent("still the same");
        Files.delete(Path.of(first.path()));
        assertThat(tasks.generateProfitLossReport("f-101", "weekly")).isEqualTo(first);
        assertThat(Path.of(first.path())).exists();
    }

    @ParameterizedTest
    @CsvSource({
        "weekly,2025-11-12,2025-11-03,2025-11-09",
        "weekly,2025-11-10,2025-11-03,2025-11-09",
        "monthly,2025-11-12,2025-10-01,2025-10-31",
        "quarterly,2025-11-12,2025-07-01,2025-09-30",
        "quarterly,2026-02-28,2025-10-01,2025-12-31",
        "yearly,2025-11-12,2024-01-01,2024-12-31"
    })
    void aPeriodIsTheLastOneThatHasEnded(String name, LocalDate today, LocalDate from, LocalDate to) {
        assertThat(Period.last(name, today)).isEqualTo(new Period(from, to));
    }

    @Test
    void refusesAPeriodThatIsNone() {
        assertThatThrownBy(() -> tasks().generateProfitLossReport("f-101", "hourly"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a period is weekly, monthly, quarterly or yearly, not 'hourly'");
    }

    @Test
    void refusesAFarmerWhomNobodyKnows() {
        assertThatThrownBy(() -> tasks().generateSalesReport("../../f-101", MONTH))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void ordersAreOfTheMonthAndAlwaysTheSame() {
        for (Farmer farmer : Farmers.all()) {
            List<Order> orders = Orders.of(farmer, YearMonth.of(2024, 2));
            assertThat(orders).hasSizeBetween(40, 79).isEqualTo(Orders.of(farmer, YearMonth.of(2024, 2)));
            assertThat(orders).extracting(Order::id).doesNotHaveDuplicates();
            assertThat(orders)
                    .extracting(Order::date)
                    .allMatch(date -> YearMonth.from(date).equals(YearMonth.of(2024, 2)))
                    .isSortedAccordingTo(LocalDate::compareTo);
        }
        assertThat(Orders.of(Farmers.find("f-101"), MONTH)).isNotEqualTo(Orders.of(Farmers.find("f-102"), MONTH));
    }

    private ReportTasks tasks() {
        return new ReportTasks(directory, cache, Clock.fixed(Instant.parse("2025-11-12T10:00:00Z"), ZoneOffset.UTC));
    }

    private static BigDecimal cost(String product) {
        return Farmers.products().stream()
                .filter(each -> each.name().equals(product))
                .findFirst()
                .orElseThrow()
                .cost();
    }

    private static BigDecimal sum(List<Order> orders) {
        return orders.stream().map(Order::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static BigDecimal number(Row row, int column) {
        return row.getCellAsNumber(column).orElseThrow();
    }

    private static List<Row> read(String path, String name) throws IOException {
        try (ReadableWorkbook workbook = new ReadableWorkbook(new File(path))) {
            Sheet sheet = workbook.findSheet(name).orElseThrow();
            return sheet.read();
        }
    }
}
