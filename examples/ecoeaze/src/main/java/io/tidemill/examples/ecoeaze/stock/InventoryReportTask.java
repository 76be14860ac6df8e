package io.tidemill.examples.ecoeaze.stock;

import io.tidemill.examples.ecoeaze.farm.Farmer;
import io.tidemill.examples.ecoeaze.farm.Farmers;
import io.tidemill.examples.ecoeaze.farm.Product;
import io.tidemill.examples.ecoeaze.files.Spreadsheet;
import io.tidemill.examples.ecoeaze.files.Table;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;

/** Writes what a farm has in stock. */
public final class InventoryReportTask {

    private static final int DAYS = 30;

    private final Inventory inventory;
    private final Path directory;
    private final Clock clock;

    /** Reads this inventory and writes files there. */
    public InventoryReportTask(Inventory inventory, Path directory, Clock clock) {
        this.inventory = inventory;
        this.directory = directory;
        this.clock = clock;
    }

    /** Writes an Excel file: one sheet with the stock and its value, one with every movement of the last 30 days. */
    @Task(
            name = "generate_inventory_report",
            queue = "reports",
            timeout = "2m",
            retry = @Retry(maxAttempts = 3, giveUpOn = IllegalArgumentException.class))
    public InventoryReport generateInventoryReport(String farmerId) throws IOException {
        Farmer farmer = Farmers.find(farmerId);
        LocalDate today = LocalDate.now(clock);
        LocalDate from = today.minusDays(DAYS - 1);
        List<Line> lines = farmer.products().stream()
                .map(product -> line(product, from, today))
                .toList();
        List<Movement> movements = farmer.products().stream()
                .flatMap(product -> inventory.movements(product.id(), from, today).stream())
                .toList();
        BigDecimal value = lines.stream().map(Line::value).reduce(BigDecimal.ZERO, BigDecimal::add);
        Path file = directory.resolve("inventory-" + farmerId + "-" + today + ".xlsx");
        Spreadsheet.write(file, sheets -> {
            writeStock(sheets.headed("Stock", farmer.farm() + ": stock on " + today, Line.TITLES), lines, value);
            writeMovements(sheets.table("Movements", "Day", "Product", "Reference", "Change"), movements);
        });
        return new InventoryReport(file.toString(), lines.size(), movements.size(), value);
    }

    private Line line(Product product, LocalDate from, LocalDate today) {
        int stock = inventory.stock(product.id());
        double sold = Arrays.stream(inventory.sales(product.id(), from, today)).sum();
        return new Line(product, stock, (int) sold);
    }

    private static void writeStock(Table table, List<Line> lines, BigDecimal value) {
        for (Line line : lines) {
            table.row(line.product.name(), line.stock, line.product.cost(), line.value(), line.sold, line.cover());
        }
        table.total("Total", "", "", value);
    }

    private static void writeMovements(Table table, List<Movement> movements) {
        movements.forEach(
                each -> table.row(each.day(), Farmers.product(each.product()).name(), each.reference(), each.delta()));
    }

    /**
     * A line of the first sheet.
     *
     * @param stock units left
     * @param sold units that went out in 30 days
     */
    private record Line(Product product, int stock, int sold) {

        static final String[] TITLES = {
            "Product", "Stock", "Cost per unit (EUR)", "Value (EUR)", "Sold in 30 days", "Lasts for days"
        };

        BigDecimal value() {
            return product.cost().multiply(BigDecimal.valueOf(stock));
        }

        /** For how many days the stock lasts at the pace of the last 30. */
        Object cover() {
            return sold == 0 ? "" : (double) stock * DAYS / sold;
        }
    }
}
