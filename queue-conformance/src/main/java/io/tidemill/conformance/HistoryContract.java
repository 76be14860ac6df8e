package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.CountHistory;
import io.tidemill.broker.EraseReply;
import io.tidemill.queue.HistoryCounts;
import io.tidemill.queue.HistoryCounts.Count;
import io.tidemill.queue.HistoryRange;
import io.tidemill.queue.QueueHistory;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Part of the {@link OperationsContract}. What is kept of the last 24 hours and 30 days: {@link CountHistory}. Tests
 * look at sums, as a period may end at any time.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
public abstract class HistoryContract extends QueuesContract {

    /** Each count has another value. */
    private static final HistoryCounts ALL_DIFFERENT = HistoryCounts.of(Map.of(
            Count.ENQUEUED, 1L,
            Count.SUCCEEDED, 20L,
            Count.FAILED, 300L,
            Count.DEAD, 4_000L,
            Count.RETRIED, 50_000L,
            Count.LOST_LEASES, 600_000L,
            Count.RUN_MILLIS, 7_000_000L));

    @Nested
    class History {

        @ParameterizedTest
        @EnumSource
        void what_is_added_is_in_both_ranges(HistoryRange range) {
            add(ALL_DIFFERENT);

            assertThat(read(range).total()).isEqualTo(ALL_DIFFERENT);
        }

        @Test
        void what_is_added_again_adds_up() {
            HistoryCounts one = HistoryCounts.of(Map.of(Count.SUCCEEDED, 1L));
            add(ALL_DIFFERENT);
            add(one);
            add(ALL_DIFFERENT);

            HistoryCounts sum = ALL_DIFFERENT.plus(ALL_DIFFERENT).plus(one);
            assertThat(read(HistoryRange.DAY).total()).isEqualTo(sum);
            assertThat(read(HistoryRange.MONTH).total()).isEqualTo(sum);
        }

        @ParameterizedTest
        @EnumSource
        void it_is_in_the_newest_period_or_the_one_before(HistoryRange range) {
            add(ALL_DIFFERENT);

            List<QueueHistory.Period> periods = read(range).periods();
            int last = periods.size() - 1;
            assertThat(periods.get(last).counts().plus(periods.get(last - 1).counts()))
                    .isEqualTo(ALL_DIFFERENT);
        }

        @ParameterizedTest
        @EnumSource
        void periods_follow_one_another_up_to_now(HistoryRange range) {
            List<QueueHistory.Period> periods = read(range).periods();

            assertThat(periods).hasSize(range.periods());
            Instant start = periods.get(0).start();
            assertThat(start.toEpochMilli() % range.period().toMillis()).isZero();
            for (QueueHistory.Period period : periods) {
                assertThat(period.start()).isEqualTo(start);
                start = start.plus(range.period());
            }
        }

        @Test
        void every_process_adds_to_the_same_history() {
            HistoryCounts one = HistoryCounts.of(Map.of(Count.ENQUEUED, 1L, Count.RUN_MILLIS, 3L));

            together(8, () -> {
                Broker other = another();
                for (int i = 0; i < 25; i++) {
                    get(other.history().add(queue, one));
                }
                return null;
            });

            HistoryCounts total = read(HistoryRange.DAY).total();
            assertThat(total.enqueued()).isEqualTo(200);
            assertThat(total.runMillis()).isEqualTo(600);
        }

        @Test
        void sums_of_thirteen_digits_are_exact() {
            HistoryCounts large = HistoryCounts.of(Map.of(Count.RUN_MILLIS, 4_567_890_123_457L));

            add(large);
            add(large);

            assertThat(read(HistoryRange.MONTH).total().runMillis()).isEqualTo(9_135_780_246_914L);
        }

        @ParameterizedTest
        @EnumSource
        void a_queue_without_a_history_has_empty_periods(HistoryRange range) {
            add(HistoryCounts.NONE);

            assertThat(read(range).total()).isEqualTo(HistoryCounts.NONE);
        }

        @Test
        void the_history_of_one_queue_is_not_that_of_another() {
            add(ALL_DIFFERENT);

            assertThat(get(history().history(queue + "-other", HistoryRange.DAY))
                            .total())
                    .isEqualTo(HistoryCounts.NONE);
        }

        @ParameterizedTest
        @EnumSource
        void a_queue_that_is_erased_loses_its_history(HistoryRange range) {
            add(ALL_DIFFERENT);

            assertThat(get(operations().erase(queue, false))).isEqualTo(EraseReply.ERASED);

            assertThat(read(range).total()).isEqualTo(HistoryCounts.NONE);
        }
    }

    private CountHistory history() {
        need(Ability.HISTORY);
        return broker().history();
    }

    private void add(HistoryCounts counts) {
        get(history().add(queue, counts));
    }

    private QueueHistory read(HistoryRange range) {
        return get(history().history(queue, range));
    }
}
