package io.tidemill.examples.ecoeaze;

import io.tidemill.examples.ecoeaze.stock.Inventory;
import io.tidemill.examples.ecoeaze.stock.StockBusyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Map;

/** What was before the demo began: eight weeks of honey sales, full shelves, and a file that was left half written. */
final class DemoHistory {

    private static final int DAYS = 56;

    /** Jars of honey sold on each day of a week. */
    static final int[] WEEK = {4, 5, 6, 8, 12, 14, 3};

    private static final Map<String, Integer> SHELVES =
            Map.of("eggs", DemoMarket.EGGS, "honey", 30, "candles", 200, "pollen", 200);

    private DemoHistory() {}

    /** Writes it. A Redis that has the sales of an earlier run gets no more of them. */
    static void write(Inventory inventory, String run) throws StockBusyException, InterruptedException {
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        boolean isNew = Arrays.stream(inventory.sales("honey", today.minusDays(DAYS), today.minusDays(1)))
                        .sum()
                == 0;
        if (isNew) {
            int total = DAYS / WEEK.length * Arrays.stream(WEEK).sum();
            inventory.change("honey", total, "opening", noon(today.minusDays(DAYS + 1)));
            for (int day = DAYS; day >= 1; day--) {
                int sold = WEEK[Math.floorMod(-day, WEEK.length)];
                inventory.change("honey", -sold, "sales-" + day, noon(today.minusDays(day)));
            }
        }
        for (Map.Entry<String, Integer> shelf : SHELVES.entrySet()) {
            int missing = shelf.getValue() - inventory.stock(shelf.getKey());
            inventory.change(shelf.getKey(), missing, run + "-shelf", Instant.now());
        }
    }

    /** Leaves what a process leaves that dies while it writes a thumbnail. */
    static Path leaveHalfAFile(Path output) throws IOException {
        Path file = output.resolve("thumbnails").resolve(".honey-150.jpg.4711.part");
        Files.createDirectories(file.getParent());
        Files.write(file, new byte[1000]);
        return Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    }

    private static Instant noon(LocalDate day) {
        return day.atTime(12, 0).toInstant(ZoneOffset.UTC);
    }
}
