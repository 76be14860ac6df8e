package io.tidemill.examples.ecoeaze.reports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.examples.ecoeaze.farm.Farmer;
import io.tidemill.examples.ecoeaze.farm.Farmers;
import io.tidemill.examples.ecoeaze.farm.Product;
import java.io.File;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import java.util.stream.Stream;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.dhatim.fastexcel.reader.Row;
import org.dhatim.fastexcel.reader.Sheet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTasksTest {

    private static final YearMonth MONTH = YearMonth.of(2025, 10);

    @TempDir
    Path directory;

    @Test
    void writesEveryOrder() throws Exception {
        SalesReport report = new ReportTasks(directory).generateSalesReport("f-101", MONTH);

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
        SalesReport report = new ReportTasks(directory).generateSalesReport("f-103", MONTH);

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
        ReportTasks tasks = new ReportTasks(directory);

        SalesReport first = tasks.generateSalesReport("f-102", MONTH);
        SalesReport second = tasks.generateSalesReport("f-102", MONTH);

        assertThat(second).isEqualTo(first);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(Path.of(first.path()));
        }
    }

    @Test
    void refusesAFarmerWhomNobodyKnows() {
        assertThatThrownBy(() -> new ReportTasks(directory).generateSalesReport("../../f-101", MONTH))
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
