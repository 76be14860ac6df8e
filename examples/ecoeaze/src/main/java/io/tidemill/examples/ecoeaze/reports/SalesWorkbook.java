package io.tidemill.examples.ecoeaze.reports;

import io.tidemill.examples.ecoeaze.farm.Farmer;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;

/** A month's sales as an Excel file: one sheet with the sums per product, one with every order. */
final class SalesWorkbook {

    private static final String EUROS = "#,##0.00";
    private static final String DAY = "yyyy-mm-dd";

    private final Farmer farmer;
    private final YearMonth month;
    private final List<Order> orders;

    SalesWorkbook(Farmer farmer, YearMonth month, List<Order> orders) {
        this.farmer = farmer;
        this.month = month;
        this.orders = orders;
    }

    void writeTo(OutputStream out) throws IOException {
        try (Workbook workbook = new Workbook(out, "EcoEaze", "1.0")) {
            writeProducts(workbook.newWorksheet("Products"));
            writeOrders(workbook.newWorksheet("Orders"));
        }
    }

    private void writeProducts(Worksheet sheet) {
        sheet.value(0, 0, farmer.farm() + ": sales in " + month);
        sheet.style(0, 0).bold().fontSize(14).set();
        int row = 2;
        head(sheet, row++, "Product", "Orders", "Quantity", "Revenue (EUR)");
        for (ProductSales product : ProductSales.of(orders)) {
            line(sheet, row++, product);
        }
        line(sheet, row, ProductSales.total(orders));
        sheet.range(row, 0, row, 3).style().bold().borderStyle("thin").set();
        sheet.style(row, 3).bold().borderStyle("thin").format(EUROS).set();
        widths(sheet, 32, 10, 10, 16);
        sheet.freezePane(0, 3);
    }

    private static void line(Worksheet sheet, int row, ProductSales sales) {
        sheet.value(row, 0, sales.product());
        sheet.value(row, 1, sales.orders());
        sheet.value(row, 2, sales.quantity());
        euros(sheet, row, 3, sales.revenue());
    }

    private void writeOrders(Worksheet sheet) {
        head(sheet, 0, "Date", "Order", "Product", "Quantity", "Unit price (EUR)", "Amount (EUR)");
        int row = 1;
        for (Order order : orders) {
            day(sheet, row, 0, order.date());
            sheet.value(row, 1, order.id());
            sheet.value(row, 2, order.product());
            sheet.value(row, 3, order.quantity());
            euros(sheet, row, 4, order.unitPrice());
            euros(sheet, row, 5, order.amount());
            row++;
        }
        widths(sheet, 12, 20, 32, 10, 16, 16);
        sheet.freezePane(0, 1);
    }

    private static void head(Worksheet sheet, int row, String... titles) {
        for (int column = 0; column < titles.length; column++) {
            sheet.value(row, column, titles[column]);
            sheet.style(row, column).bold().fillColor("E2EFDA").set();
        }
    }

    private static void euros(Worksheet sheet, int row, int column, BigDecimal amount) {
        sheet.value(row, column, amount);
        sheet.style(row, column).format(EUROS).set();
    }

    private static void day(Worksheet sheet, int row, int column, LocalDate date) {
        sheet.value(row, column, date);
        sheet.style(row, column).format(DAY).set();
    }

    private static void widths(Worksheet sheet, double... widths) {
        for (int column = 0; column < widths.length; column++) {
            sheet.width(column, widths[column]);
        }
    }
}
