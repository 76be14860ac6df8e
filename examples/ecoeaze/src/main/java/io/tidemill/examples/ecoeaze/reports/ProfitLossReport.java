package io.tidemill.examples.ecoeaze.reports;

import java.math.BigDecimal;
import java.time.LocalDate;

/**
 * A profit and loss report was written.
 *
 * @param path the Excel file
 * @param from its first day
 * @param to its last day
 * @param revenue what customers paid, in euros
 * @param costs goods and commission, in euros
 * @param profit what is left, in euros
 */
public record ProfitLossReport(
        String path, LocalDate from, LocalDate to, BigDecimal revenue, BigDecimal costs, BigDecimal profit) {}
