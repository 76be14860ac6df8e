package io.tidemill.benchmarks.compare;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every figure of a run, by work and contender, and what is made of them. */
final class Results {

    private static final List<String> COLUMNS = List.of("tidemill", "bullmq", "beequeue", "limit");

    /** Beyond this a figure says more about the machine than about the contender. */
    private static final double UNSTEADY = 1.5;

    private final Map<String, Map<String, List<Double>>> figures = new LinkedHashMap<>();

    void add(String work, String contender, double figure) {
        figures.computeIfAbsent(work, w -> new LinkedHashMap<>())
                .computeIfAbsent(contender, c -> new ArrayList<>())
                .add(figure);
    }

    /**
     * Adds a speed for each round of two others: of as many jobs of the one as of the other, one after the other.
     *
     * @param work of the new figures
     */
    void addBoth(String work, String one, String other, String contender) {
        List<Double> ones = figures.getOrDefault(one, Map.of()).getOrDefault(contender, List.of());
        List<Double> others = figures.getOrDefault(other, Map.of()).getOrDefault(contender, List.of());
        for (int round = 0; round < Math.min(ones.size(), others.size()); round++) {
            add(work, contender, 2 / (1 / ones.get(round) + 1 / others.get(round)));
        }
    }

    /** The middle one, or the mean of the two in the middle; null if nothing was measured. */
    @Nullable
    Double median(String work, String contender) {
        double[] sorted = sorted(work, contender);
        if (sorted.length == 0) {
            return null;
        }
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private double[] sorted(String work, String contender) {
        double[] sorted = figures.getOrDefault(work, Map.of()).getOrDefault(contender, List.of()).stream()
                .mapToDouble(Double::doubleValue)
                .toArray();
        Arrays.sort(sorted);
        return sorted;
    }

    private @Nullable Double ratio(String work) {
        Double ours = median(work, "tidemill");
        Double theirs = median(work, "bullmq");
        return ours == null || theirs == null ? null : ours / theirs;
    }

    /** Medians, then the lowest and highest figure of each. */
    String table() {
        StringBuilder text = new StringBuilder();
        line(text, "work", COLUMNS, "ratio");
        line(text, "---", COLUMNS.stream().map(column -> "---:").toList(), "---:");
        for (String work : figures.keySet()) {
            List<String> cells =
                    COLUMNS.stream().map(column -> cell(median(work, column))).toList();
            Double ratio = ratio(work);
            line(text, work, cells, ratio == null ? "-" : String.format(Locale.ROOT, "%.2f", ratio));
        }
        text.append("\nlowest and highest of all rounds, and the ratio of the best ones\n\n");
        List<String> unsteady = new ArrayList<>();
        for (String work : figures.keySet()) {
            List<String> cells =
                    COLUMNS.stream().map(column -> range(sorted(work, column))).toList();
            line(text, work, cells, ratioOfBest(work));
            if (COLUMNS.stream().anyMatch(column -> isUnsteady(sorted(work, column)))) {
                unsteady.add(work);
            }
        }
        if (!unsteady.isEmpty()) {
            text.append(String.format(
                    Locale.ROOT,
                    "%nUNSTEADY: %s. A contender's highest round is more than %.1f times its lowest: something else was"
                            + " running, or the rounds are too short. Do not quote these.%n",
                    String.join(", ", unsteady),
                    UNSTEADY));
        }
        return text.toString();
    }

    /** As {@code {"<work>": {"tidemill": n, "bullmq": n, "beequeue": n, "limit": n, "ratio_bullmq": n}}}. */
    void write(Path file) throws IOException {
        Map<String, Map<String, @Nullable Double>> all = new LinkedHashMap<>();
        for (String work : figures.keySet()) {
            Map<String, @Nullable Double> row = new LinkedHashMap<>();
            COLUMNS.forEach(column -> row.put(column, rounded(median(work, column), 10)));
            row.put("ratio_bullmq", rounded(ratio(work), 1000));
            all.put(work, row);
        }
        Files.createDirectories(file.toAbsolutePath().getParent());
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), all);
    }

    /** What disturbs a round only makes it worse, so the best rounds were disturbed least. */
    private String ratioOfBest(String work) {
        double[] ours = sorted(work, "tidemill");
        double[] theirs = sorted(work, "bullmq");
        if (ours.length == 0 || theirs.length == 0) {
            return "-";
        }
        boolean isLessBetter = work.endsWith("_us") || work.startsWith("bytes");
        double ratio = isLessBetter ? ours[0] / theirs[0] : ours[ours.length - 1] / theirs[theirs.length - 1];
        return String.format(Locale.ROOT, "%.2f", ratio);
    }

    private static boolean isUnsteady(double[] sorted) {
        return sorted.length > 1 && sorted[sorted.length - 1] > UNSTEADY * sorted[0];
    }

    private static @Nullable Double rounded(@Nullable Double value, int parts) {
        return value == null ? null : Double.valueOf(Math.round(value * parts) / (double) parts);
    }

    private static void line(StringBuilder text, String work, List<String> cells, String ratio) {
        text.append(String.format("| %-20s |", work));
        cells.forEach(cell -> text.append(String.format(" %13s |", cell)));
        text.append(String.format(" %6s |%n", ratio));
    }

    private static String cell(@Nullable Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, "%,.0f", value);
    }

    private static String range(double[] sorted) {
        return sorted.length == 0 ? "-" : shortly(sorted[0]) + ".." + shortly(sorted[sorted.length - 1]);
    }

    private static String shortly(double value) {
        return value < 10_000
                ? String.format(Locale.ROOT, "%.0f", value)
                : String.format(Locale.ROOT, "%.0fk", value / 1000);
    }
}
