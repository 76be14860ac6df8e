package io.tidemill.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Figures by row and column: a table for people and a file for machines.
 *
 * <p>Not thread-safe.
 */
public final class Report {

    private static final int CELL = 13;

    private final String subject;
    private final List<String> columns;
    private final Map<String, Map<String, Double>> rows = new LinkedHashMap<>();

    /**
     * An empty one.
     *
     * @param subject what a row is about
     */
    public Report(String subject, List<String> columns) {
        this.subject = subject;
        this.columns = List.copyOf(columns);
    }

    /** Adds a row, with a figure per column. */
    public void row(String name, double... figures) {
        if (figures.length != columns.size()) {
            throw new IllegalArgumentException(
                    "a row has " + columns.size() + " figures, got " + figures.length + " for " + name);
        }
        Map<String, Double> row = new LinkedHashMap<>();
        for (int i = 0; i < figures.length; i++) {
            row.put(columns.get(i), figures[i]);
        }
        rows.put(name, row);
    }

    /** One figure. */
    public double figure(String row, String column) {
        Map<String, Double> cells = rows.getOrDefault(row, Map.of());
        Double figure = cells.get(column);
        if (figure == null) {
            throw new IllegalArgumentException("no figure for " + row + " and " + column);
        }
        return figure;
    }

    /** Prints the table, as Markdown, and writes {@code {"<row>":{"<column>":n}}}. */
    public void print(Path file) throws IOException {
        System.out.printf("%n%s%n", table());
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), rows);
        System.out.println(file.normalize());
    }

    /** The table. */
    public String table() {
        int width = rows.keySet().stream().mapToInt(String::length).max().orElse(0);
        width = Math.max(width, subject.length());
        StringBuilder text = new StringBuilder();
        line(text, width, subject, columns);
        line(text, width, "---", columns.stream().map(column -> "---:").toList());
        for (Map.Entry<String, Map<String, Double>> row : rows.entrySet()) {
            List<String> cells = new ArrayList<>();
            row.getValue().values().forEach(figure -> cells.add(cell(figure)));
            line(text, width, row.getKey(), cells);
        }
        return text.toString();
    }

    private static String cell(double figure) {
        return String.format(Locale.ROOT, Math.abs(figure) < 100 ? "%,.2f" : "%,.0f", figure);
    }

    private static void line(StringBuilder text, int width, String name, List<String> cells) {
        text.append(String.format(Locale.ROOT, "| %-" + width + "s |", name));
        cells.forEach(cell -> text.append(String.format(Locale.ROOT, " %" + CELL + "s |", cell)));
        text.append('\n');
    }
}
