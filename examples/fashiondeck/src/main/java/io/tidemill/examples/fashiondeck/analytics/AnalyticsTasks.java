package io.tidemill.examples.fashiondeck.analytics;

import static io.tidemill.client.Call.call;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.examples.fashiondeck.analytics.Insights.WordCount;
import io.tidemill.examples.fashiondeck.embeddings.Embedder;
import io.tidemill.schedule.Schedule;
import io.tidemill.schedule.Tick;
import io.tidemill.schedule.Timing;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Insights in the background. */
public final class AnalyticsTasks {

    /** The queue of these tasks. */
    public static final String QUEUE = "analytics-processing";

    /** The name of the schedule. */
    public static final String NIGHTLY = "analytics";

    /** The hash that keeps insights by day. */
    static final String INSIGHTS = "fashiondeck:insights";

    private static final int MOST_WORDS = 10;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final StatefulRedisConnection<String, String> redis;
    private final QueryLog log;

    /** Reads this log, and writes to this connection. */
    public AnalyticsTasks(StatefulRedisConnection<String, String> redis, QueryLog log) {
        this.redis = redis;
        this.log = log;
    }

    /** Each midnight of FashionDeck's zone, for the day that ends. */
    public static Schedule nightly() {
        return Schedule.of(
                NIGHTLY, Timing.cron("0 0 * * *", QueryLog.ZONE), call(AnalyticsTasks::processQueryLog, Tick.EACH));
    }

    /**
     * Sums up the searches of the day before the due time. It has one attempt: a log that cannot be read does not get
     * better by itself. Somebody looks at the dead job, and lets it run again. Running it again changes nothing but the
     * same entry.
     */
    @Task(name = "process_query_log", queue = QUEUE, priority = 1, timeout = "10m", retry = @Retry(maxAttempts = 1))
    public Insights processQueryLog(Tick tick) throws BrokenLogException, JsonProcessingException {
        LocalDate day = tick.due().atZone(QueryLog.ZONE).toLocalDate().minusDays(1);
        Insights insights = summed(day, log.read(day));
        redis.sync().hset(INSIGHTS, day.toString(), JSON.writeValueAsString(insights));
        return insights;
    }

    /** What is known of a day. */
    public Optional<Insights> insights(LocalDate day) throws JsonProcessingException {
        String json = redis.sync().hget(INSIGHTS, day.toString());
        return json == null ? Optional.empty() : Optional.of(JSON.readValue(json, Insights.class));
    }

    private static Insights summed(LocalDate day, List<QueryRecord> searches) {
        return new Insights(
                day.toString(),
                searches.size(),
                (int) searches.stream().map(QueryRecord::query).distinct().count(),
                (int) searches.stream().filter(QueryRecord::cached).count(),
                searches.stream()
                        .filter(search -> search.results() == 0)
                        .map(QueryRecord::query)
                        .distinct()
                        .sorted()
                        .toList(),
                topWords(searches),
                Math.round(searches.stream()
                        .mapToLong(QueryRecord::micros)
                        .average()
                        .orElse(0)));
    }

    private static List<WordCount> topWords(List<QueryRecord> searches) {
        Map<String, Long> counts = searches.stream()
                .flatMap(search -> Embedder.words(search.query()).stream())
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        return counts.entrySet().stream()
                .map(entry -> new WordCount(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparingLong(WordCount::count).reversed().thenComparing(WordCount::word))
                .limit(MOST_WORDS)
                .toList();
    }
}
