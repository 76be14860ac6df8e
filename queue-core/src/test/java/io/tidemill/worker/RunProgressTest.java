package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemill.record.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** When a run sends what its task says, on a clock that the test moves. */
class RunProgressTest {

    private static final Duration LONG = Duration.ofDays(30);
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    /** Each request waits until it is answered; each delay until time has passed. */
    private static final class Broker implements RunProgress.Reports {

        private record Later(long at, Runnable action) {}

        private final List<Progress> sent = new ArrayList<>();
        private final List<Duration> kept = new ArrayList<>();
        private final List<Later> later = new ArrayList<>();
        private CompletableFuture<Boolean> answer = CompletableFuture.completedFuture(true);
        private long now = 7;

        @Override
        public CompletableFuture<Boolean> send(Progress progress, Duration ttl) {
            sent.add(progress);
            kept.add(ttl);
            return answer;
        }

        @Override
        public void later(long nanos, Runnable action) {
            later.add(new Later(now + nanos, action));
        }

        @Override
        public long nanos() {
            return now;
        }

        void pass(long nanos) {
            now += nanos;
            List<Later> due = later.stream().filter(each -> each.at() <= now).toList();
            later.removeAll(due);
            due.forEach(each -> each.action().run());
        }

        List<Integer> percents() {
            return sent.stream().map(Progress::percent).toList();
        }
    }

    private final Broker broker = new Broker();
    private final RunProgress run = new RunProgress("job-1", Progress.none(1).inRun(1), broker, LONG);

    private void say(int percent) {
        run.change(known -> known.at(0, percent, ""));
    }

    @Test
    void the_first_word_is_sent_at_once_and_then_the_newest_once_a_second() {
        say(1);
        say(2);
        say(3);
        assertThat(broker.percents()).containsExactly(1);

        broker.pass(SECOND);
        assertThat(broker.percents()).containsExactly(1, 3);
        say(4);
        broker.pass(SECOND - 1);
        assertThat(broker.percents()).containsExactly(1, 3);

        broker.pass(1);

        assertThat(broker.percents()).containsExactly(1, 3, 4);
        broker.pass(10 * SECOND);
        assertThat(broker.percents()).containsExactly(1, 3, 4);
    }

    @Test
    void ten_thousand_words_in_ten_seconds_are_eleven_requests_at_most() {
        for (int i = 0; i < 10_000; i++) {
            say(i / 100);
            broker.pass(SECOND / 1000);
        }

        assertThat(broker.sent).hasSizeBetween(10, 11);
    }

    @Test
    void numbers_rise_over_all_requests() {
        say(1);
        broker.pass(SECOND);
        say(2);
        run.end(Duration.ofHours(1));

        assertThat(broker.sent).extracting(Progress::number).isSorted().doesNotHaveDuplicates();
        assertThat(Progress.none(1).inRun(2).next().number())
                .isGreaterThan(broker.sent.get(broker.sent.size() - 1).number());
    }

    @Test
    void the_last_state_is_sent_when_the_run_ends_and_nothing_after_it() {
        say(1);
        say(2);

        run.end(Duration.ofHours(1));
        say(3);
        broker.pass(2 * SECOND);

        assertThat(broker.percents()).containsExactly(1, 2);
        assertThat(broker.kept).containsExactly(LONG, Duration.ofHours(1));
    }

    @Test
    void while_a_request_is_on_its_way_no_other_is_sent() {
        broker.answer = new CompletableFuture<>();
        say(1);
        say(2);
        broker.pass(5 * SECOND);
        assertThat(broker.percents()).containsExactly(1);

        CompletableFuture<Boolean> first = broker.answer;
        broker.answer = CompletableFuture.completedFuture(true);
        first.complete(true);

        assertThat(broker.percents()).containsExactly(1, 2);
    }

    @Test
    void what_was_not_kept_is_sent_again_a_second_later() {
        broker.answer = CompletableFuture.failedFuture(new IllegalStateException("away"));
        say(1);
        broker.answer = CompletableFuture.completedFuture(true);
        assertThat(broker.percents()).containsExactly(1);

        broker.pass(SECOND);

        assertThat(broker.percents()).containsExactly(1, 1);
    }

    @Test
    void a_run_that_has_lost_its_job_says_nothing_more() {
        broker.answer = CompletableFuture.completedFuture(false);
        say(1);
        say(2);
        broker.pass(5 * SECOND);
        run.end(LONG);

        assertThat(broker.percents()).containsExactly(1);
    }

    @Test
    void an_end_that_is_not_kept_does_not_fail_the_run() {
        say(1);
        broker.answer = CompletableFuture.failedFuture(new IllegalStateException("away"));

        run.end(LONG);

        assertThat(broker.percents()).containsExactly(1, 1);
    }

    @Test
    void a_percentage_is_0_to_100() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> say(101))
                .withMessage("percent must be 0 to 100, got 101");
    }
}
