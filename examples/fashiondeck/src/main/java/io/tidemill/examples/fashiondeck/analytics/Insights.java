package io.tidemill.examples.fashiondeck.analytics;

import java.util.List;

/**
 * What a day's searches say.
 *
 * @param day in ISO 8601
 * @param searches how many there were
 * @param distinct how many different ones
 * @param cached how many the cache answered
 * @param withoutResults what was searched for and not found, in alphabetical order
 * @param topWords the words that were searched for most, with their counts; at most ten
 * @param meanMicros how long a search took, in microseconds
 */
public record Insights(
        String day,
        int searches,
        int distinct,
        int cached,
        List<String> withoutResults,
        List<WordCount> topWords,
        long meanMicros) {

    /**
     * How often a word was searched for.
     *
     * @param word in lower case
     * @param count 1 or more
     */
    public record WordCount(String word, long count) {}
}
