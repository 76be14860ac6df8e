package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Ability;
import io.tidemill.broker.Claim;
import io.tidemill.broker.Report;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. How far jobs have got. */
public abstract class ProgressContract extends NotesContract {

    private static final long CREATED = 1_700_000_000_000L;

    private boolean report(Claim claim, long created, long number, long ttlMillis, byte[] bytes) {
        need(Ability.PROGRESS);
        return get(broker().progress()
                .report(queue, new Report(claim.id(), claim.token(), created, number, ttlMillis, bytes)));
    }

    private void reported(Claim claim, long number, String text) {
        assertThat(report(claim, CREATED, number, LONG_MILLIS, bytes(text))).isTrue();
    }

    private Optional<String> progress(String id) {
        need(Ability.PROGRESS);
        return get(broker().progress().progress(queue, id)).map(String::new);
    }

    @Nested
    class RunsReport {

        @Test
        void of_a_job_that_has_reported_nothing_nothing_is_known() {
            assertThat(progress(running().id())).isEmpty();
            assertThat(progress(newId())).isEmpty();
        }

        @Test
        void the_last_report_is_known_while_the_job_runs_and_when_it_has_ended() {
            Claim claim = running();
            reported(claim, 1, "one");
            reported(claim, 2, "two");
            assertThat(progress(claim.id())).contains("two");

            complete(claim);

            assertThat(progress(claim.id())).contains("two");
        }

        @Test
        void a_report_whose_number_is_not_higher_changes_nothing() {
            Claim claim = running();
            reported(claim, 5, "five");

            reported(claim, 5, "again");
            reported(claim, 4, "late");

            assertThat(progress(claim.id())).contains("five");
            reported(claim, 6, "six");
            assertThat(progress(claim.id())).contains("six");
        }

        @Test
        void a_report_under_a_token_that_does_not_hold_the_job_changes_nothing() {
            Claim lost = running(SHORT_MILLIS);
            reported(lost, 1, "one");
            letItEnd();
            recover();
            Claim next = claimOne();

            assertThat(report(lost, CREATED, 2, LONG_MILLIS, bytes("late"))).isFalse();

            assertThat(progress(next.id())).contains("one");
            reported(next, 2, "two");
            complete(next);
            assertThat(report(next, CREATED, 3, LONG_MILLIS, bytes("late"))).isFalse();
            assertThat(progress(next.id())).contains("two");
        }

        @Test
        void the_numbers_of_an_earlier_job_with_the_same_id_do_not_count() {
            Claim first = running();
            reported(first, 9, "first");
            complete(first);
            stored(List.of(job(first.id())));
            Claim second = claimOne();

            assertThat(report(second, CREATED + 1, 1, LONG_MILLIS, bytes("second")))
                    .isTrue();

            assertThat(progress(first.id())).contains("second");
        }

        @Test
        void a_report_goes_when_its_time_is_over() {
            Claim claim = running();
            assertThat(report(claim, CREATED, 1, SHORT_MILLIS, bytes("one"))).isTrue();

            letItEnd();

            assertThat(progress(claim.id())).isEmpty();
        }

        @Test
        void a_report_may_have_every_byte() {
            Claim claim = running();
            assertThat(report(claim, CREATED, 1, LONG_MILLIS, everyByte())).isTrue();

            assertThat(get(broker().progress().progress(queue, claim.id()))).contains(everyByte());
        }
    }
}
