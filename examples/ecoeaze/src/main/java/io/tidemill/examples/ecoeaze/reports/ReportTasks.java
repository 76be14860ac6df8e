package io.tidemill.examples.ecoeaze.reports;

import io.tidemill.examples.ecoeaze.farm.Farmer;
import io.tidemill.examples.ecoeaze.farm.Farmers;
import io.tidemill.examples.ecoeaze.files.Spreadsheet;
import io.tidemill.examples.ecoeaze.files.Table;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;

/** Reports in the background. */
public final class ReportTasks {

    private final Path directory;
    private final ReportCache cache;
    private final Clock clock;

    /**
     * Writes the files here.
     *
     * @param clock says which periods have ended
     */
    public ReportTasks(Path directory, ReportCache cache, Clock clock) {
        this.directory = directory;
        this.cache = cache;
        this.clock = clock;
    }

    /**
     * Writes an Excel file with a farmer's sales of one month: one sheet with sums per product, one with every order.
     */
    @Task(
            name = "generate_sales_report",
            queue = "reports",
            timeout = "2m",
            retry = @Retry(maxAttempts = 3, giveUpOn = IllegalArgumentException.class))
    public SalesReport generateSalesReport(String farmerId, YearMonth month) throws IOException {
        Farmer farmer = Farmers.find(farmerId);
        List<Order> orders = Orders.of(farmer, month);
        Path file = directory.resolve("sales-" + farmerId + "-" + month + ".xlsx");
        Spreadsheet.write(file, sheets -> {
            writeProducts(sheets, farmer.farm() + ": sales in " + month, orders);
            writeOrders(sheets, orders);
        });
        return new SalesReport(
                file.toString(), orders.size(), ProductSales.total(orders).revenue());
    }

    /**
     * Writes an Excel file with what a farmer earned in a period that has ended. A report is kept for an hour: whoever
     * asks for it again gets the same file.
     *
     * @param period {@code weekly}, {@code monthly}, {@code quarterly} or {@code yearly}
     */
    @Task(
            name = "generate_profit_loss_report",
            queue = "reports",
            timeout = "2m",
            retry = @Retry(maxAttempts = 3, giveUpOn = IllegalArgumentException.class))
    public ProfitLossReport generateProfitLossReport(String farmerId, String period) throws IOException {
        Farmer farmer = Farmers.find(farmerId);
        Period covered = Period.last(period, LocalDate.now(clock));
        String name = "profit-loss-" + farmerId + "-" + covered.from() + "-" + covered.to();
        return cache.get(name, ProfitLossReport.class, () -> {
            List<ProfitLoss> products = ProfitLoss.of(farmer, Orders.between(farmer, covered.from(), covered.to()));
            ProfitLoss total = ProfitLoss.total(products);
            Path file = directory.resolve(name + ".xlsx");
            String heading = farmer.farm() + ": profit and loss, " + covered.from() + " to " + covered.to();
            Spreadsheet.write(file, sheets -> writeProfitLoss(sheets, heading, products, total));
            return new ProfitLossReport(
                    file.toString(), covered.from(), covered.to(), total.revenue(), total.costs(), total.profit());
        });
    }

    private static void writeProducts(Spreadsheet sheets, String heading, List<Order> orders) {
        Table table = sheets.headed("Products", heading, "Product", "Orders", "Quantity", "Revenue (EUR)");
        ProductSales.of(orders)
                .forEach(each -> table.row(each.product(), each.orders(), each.quantity(), each.revenue()));
        ProductSales total = ProductSales.total(orders);
        table.total(total.product(), total.orders(), total.quantity(), total.revenue());
    }

    private static void writeOrders(Spreadsheet sheets, List<Order> orders) {
        Table table =
                sheets.table("Orders", "Date", "Order", "Product", "Quantity", "Unit price (EUR)", "Amount (EUR)");
        orders.forEach(each ->
                table.row(each.date(), each.id(), each.product(), each.quantity(), each.unitPrice(), each.amount()));
    }

    private static void writeProfitLoss(
            Spreadsheet sheets, String heading, List<ProfitLoss> products, ProfitLoss total) {
        Table table = sheets.headed(
                "Profit and loss",
                heading,
                "Product",
                "Revenue (EUR)",
                "Cost of goods (EUR)",
                "Commission (EUR)",
                "Profit (EUR)",
                "Margin (%)");
        products.forEach(each -> table.row(
                each.product(), each.revenue(), each.goods(), each.commission(), each.profit(), each.margin()));
        table.total(
                total.product(), total.revenue(), total.goods(), total.commission(), total.profit(), total.margin());
    }
}
