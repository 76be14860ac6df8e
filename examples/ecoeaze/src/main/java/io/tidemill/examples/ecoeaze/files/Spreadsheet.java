package io.tidemill.examples.ecoeaze.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;

/** An Excel file of tables, one per sheet. Not thread-safe. */
public final class Spreadsheet {

    private final Workbook workbook;

    private Spreadsheet(Workbook workbook) {
        this.workbook = workbook;
    }

    /** Writes an Excel file, which is there as a whole or not at all. */
    public static void write(Path file, Consumer<Spreadsheet> content) throws IOException {
        AtomicFile.write(file, out -> {
            try (Workbook workbook = new Workbook(out, "EcoEaze", "1.0")) {
                content.accept(new Spreadsheet(workbook));
            }
        });
    }

    /** Adds a sheet with a table in it. */
    public Table table(String sheet, String... titles) {
        return new Table(workbook.newWorksheet(sheet), 0, titles);
    }

    /** Adds a sheet with a heading and a table below it. */
    public Table headed(String sheet, String heading, String... titles) {
        Worksheet worksheet = workbook.newWorksheet(sheet);
        worksheet.value(0, 0, heading);
        worksheet.style(0, 0).bold().fontSize(14).set();
        return new Table(worksheet, 2, titles);
    }
}
