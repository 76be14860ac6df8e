package io.tidemill.examples.ecoeaze.behavior;

import io.tidemill.examples.ecoeaze.campaigns.Campaigns;
import io.tidemill.examples.ecoeaze.files.Spreadsheet;
import io.tidemill.examples.ecoeaze.files.Table;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** What users do, noted and reported. */
public final class BehaviorTasks {

    private static final int LONGEST = 90;

    private final Behavior behavior;
    private final Campaigns campaigns;
    private final Path directory;
    private final Clock clock;

    /** Notes it here and writes reports there. */
    public BehaviorTasks(Behavior behavior, Campaigns campaigns, Path directory, Clock clock) {
        this.behavior = behavior;
        this.campaigns = campaigns;
        this.directory = directory;
        this.clock = clock;
    }

    /**
     * Notes what a user did, once, even if the job runs again.
     *
     * @param details {@code productId} if it concerns a product, {@code campaign} if a mail of a campaign led to it
     */
    @Task(name = "track_user_behavior", queue = "insight", timeout = "10s")
    public void trackUserBehavior(String user, String action, Map<String, String> details) {
        String id = TaskContext.current().jobId();
        behavior.track(new UserAction(id, user, action, details, clock.instant()));
        String campaign = details.get("campaign");
        if (campaign != null) {
            campaigns.visited(campaign, user);
        }
    }

    /**
     * Writes an Excel file of how the platform was used in the last days: by day, by action, by user, by product.
     *
     * @param days how many, today included, 1 to 90
     */
    @Task(
            name = "generate_user_engagement_report",
            queue = "reports",
            timeout = "2m",
            retry = @Retry(maxAttempts = 3, giveUpOn = IllegalArgumentException.class))
    public EngagementReport generateUserEngagementReport(int days) throws IOException {
        if (days < 1 || days > LONGEST) {
            throw new IllegalArgumentException("a report covers 1 to " + LONGEST + " days, not " + days);
        }
        LocalDate today = LocalDate.now(clock);
        List<LocalDate> covered =
                today.minusDays(days - 1L).datesUntil(today.plusDays(1)).toList();
        Map<String, Integer> users = sum(covered, behavior::users);
        Map<String, Integer> actions = sum(covered, behavior::actions);
        Path file = directory.resolve("engagement-" + covered.get(0) + "-" + today + ".xlsx");
        Spreadsheet.write(file, sheets -> {
            Table byDay = sheets.headed(
                    "Days", "Engagement, " + covered.get(0) + " to " + today, "Day", "Active users", "Actions");
            covered.forEach(day -> byDay.row(day, behavior.users(day).size(), total(behavior.actions(day))));
            byDay.total("Total", users.size(), total(actions));
            write(sheets, "Actions", "Action", actions);
            write(sheets, "Users", "User", users);
            write(sheets, "Products", "Product", sum(covered, behavior::products));
        });
        return new EngagementReport(file.toString(), users.size(), total(actions), actions);
    }

    private static void write(Spreadsheet sheets, String sheet, String what, Map<String, Integer> counts) {
        Table table = sheets.table(sheet, what, "Actions");
        counts.forEach(table::row);
    }

    private static int total(Map<String, Integer> counts) {
        return counts.values().stream().mapToInt(each -> each).sum();
    }

    /** Sums of several days, most first. */
    private static Map<String, Integer> sum(List<LocalDate> days, Function<LocalDate, Map<String, Integer>> counts) {
        Map<String, Integer> sums = new TreeMap<>();
        days.forEach(day -> counts.apply(day).forEach((name, count) -> sums.merge(name, count, Integer::sum)));
        Map<String, Integer> sorted = new LinkedHashMap<>();
        sums.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .forEach(each -> sorted.put(each.getKey(), each.getValue()));
        return sorted;
    }
}
