package io.tidemill.examples.ecoeaze.reports;

import io.tidemill.examples.ecoeaze.farm.Farmer;
import io.tidemill.examples.ecoeaze.farm.Farmers;
import io.tidemill.examples.ecoeaze.files.AtomicFile;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import java.io.IOException;
import java.nio.file.Path;
import java.time.YearMonth;
import java.util.List;

/** Reports in the background. */
public final class ReportTasks {

    private final Path directory;

    /** Writes the files here. */
    public ReportTasks(Path directory) {
        this.directory = directory;
    }

    /** Writes an Excel file with a farmer's sales of one month. */
    @Task(
            name = "generate_sales_report",
            queue = "reports",
            timeout = "2m",
            retry = @Retry(maxAttempts = 3, giveUpOn = IllegalArgumentException.class))
    public SalesReport generateSalesReport(String farmerId, YearMonth month) throws IOException {
        Farmer farmer = Farmers.find(farmerId);
        List<Order> orders = Orders.of(farmer, month);
        Path file = directory.resolve("sales-" + farmerId + "-" + month + ".xlsx");
        AtomicFile.write(file, new SalesWorkbook(farmer, month, orders)::writeTo);
        return new SalesReport(
                file.toString(), orders.size(), ProductSales.total(orders).revenue());
    }
}
