package io.tidemill.examples.ecoeaze.files;

import java.io.File;
import java.io.IOException;
import java.util.List;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.dhatim.fastexcel.reader.Row;

/** Reads Excel files. */
public final class Sheets {

    private Sheets() {}

    /** The rows of a sheet, as texts: numbers as they are stored. */
    public static List<List<String>> read(String path, String sheet) throws IOException {
        try (ReadableWorkbook workbook = new ReadableWorkbook(new File(path))) {
            return workbook.findSheet(sheet).orElseThrow().read().stream()
                    .map(Sheets::texts)
                    .toList();
        }
    }

    private static List<String> texts(Row row) {
        return row.stream().map(cell -> cell == null ? "" : cell.getText()).toList();
    }
}
