package io.tidemill.examples.ecoeaze.stock;

import java.math.BigDecimal;

/**
 * An inventory report was written.
 *
 * @param path the Excel file
 * @param products how many products are in it
 * @param movements how many changes are in it
 * @param value what the stock has cost the farm, in euros
 */
public record InventoryReport(String path, int products, int movements, BigDecimal value) {}
