package io.tidemill.examples.ecoeaze.reports;

import java.math.BigDecimal;

/**
 * A sales report was written.
 *
 * @param path the Excel file
 * @param rows how many orders are in it
 * @param total what they came to, in euros
 */
public record SalesReport(String path, int rows, BigDecimal total) {}
