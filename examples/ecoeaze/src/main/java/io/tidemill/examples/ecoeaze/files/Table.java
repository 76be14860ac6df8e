package io.tidemill.examples.ecoeaze.files;

import java.math.BigDecimal;
import java.time.LocalDate;
import org.dhatim.fastexcel.Worksheet;
import org.jspecify.annotations.Nullable;

/**
 * A table of a {@link Spreadsheet}: a line of titles, then one line per row. Columns are as wide as their widest text.
 * A {@link BigDecimal} is an amount of money, a {@link Double} has two decimals, a {@link LocalDate} is a day.
 */
public final class Table {

    private static final double WIDEST = 60;

    private final Worksheet sheet;
    private final double[] widths;
    private int next;

    Table(Worksheet sheet, int firstRow, String... titles) {
        this.sheet = sheet;
        this.widths = new double[titles.length];
        this.next = firstRow;
        for (int column = 0; column < titles.length; column++) {
            sheet.value(next, column, titles[column]);
            sheet.style(next, column).bold().fillColor("E2EFDA").set();
            widen(column, titles[column]);
        }
        next++;
        sheet.freezePane(0, next);
    }

    /** Adds a row. */
    public void row(Object... values) {
        for (int column = 0; column < values.length; column++) {
            Object value = values[column];
            write(column, value);
            String format = format(value);
            if (format != null) {
                sheet.style(next, column).format(format).set();
            }
            widen(column, value.toString());
        }
        next++;
    }

    /** Adds a row that sums up those above it. */
    public void total(Object... values) {
        int row = next;
        row(values);
        sheet.range(row, 0, row, values.length - 1)
                .style()
                .bold()
                .borderStyle("thin")
                .set();
        for (int column = 0; column < values.length; column++) {
            String format = format(values[column]);
            if (format != null) {
                sheet.style(row, column)
                        .bold()
                        .borderStyle("thin")
                        .format(format)
                        .set();
            }
        }
    }

    private void write(int column, Object value) {
        if (value instanceof LocalDate day) {
            sheet.value(next, column, day);
        } else if (value instanceof Number number) {
            sheet.value(next, column, number);
        } else {
            sheet.value(next, column, value.toString());
        }
    }

    private static @Nullable String format(Object value) {
        if (value instanceof BigDecimal) {
            return "#,##0.00";
        } else if (value instanceof Double) {
            return "0.00";
        }
        return value instanceof LocalDate ? "yyyy-mm-dd" : null;
    }

    private void widen(int column, String text) {
        if (text.length() + 2 > widths[column]) {
            widths[column] = Math.min(WIDEST, text.length() + 2);
            sheet.width(column, widths[column]);
        }
    }
}
