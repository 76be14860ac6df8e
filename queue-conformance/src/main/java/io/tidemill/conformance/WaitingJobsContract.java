package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.Ability;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.Fill;
import io.tidemill.broker.FillReply;
import io.tidemill.broker.Inspection;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.PlacePage;
import io.tidemill.broker.PlaceValue;
import io.tidemill.broker.PurgeReply;
import io.tidemill.broker.StoreReply;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowMember;
import io.tidemill.broker.WorkflowStore;
import io.tidemill.broker.WorkflowWrite;
import io.tidemill.queue.CancelReply;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. Jobs of workflows that wait until their places are filled. */
public abstract class WaitingJobsContract extends ConstrainedFiringContract {

    protected static final String WORKFLOW = "order 42!";

    protected final WorkflowMember member(int step) {
        return new WorkflowMember(WORKFLOW, queue, step);
    }

    protected final WorkflowJob step(NewJob job, int places) {
        return new WorkflowJob(job, member(1), places);
    }

    protected final StoreReply store(@Nullable WorkflowWrite write, WorkflowJob... jobs) {
        need(Ability.WORKFLOWS);
        Stream.of(jobs).forEach(job -> known.add(job.job().id()));
        return get(workflows().store(queue, write, List.of(jobs)));
    }

    protected final String storedStep(NewJob job, int places) {
        assertThat(store(null, step(job, places))).isEqualTo(new StoreReply(true, List.of(EnqueueReply.ACCEPTED)));
        return job.id();
    }

    /** A job that waits for so many places. */
    protected final String waiting(int places) {
        return storedStep(job(newId()), places);
    }

    protected final Fill value(String id, int place, String value) {
        return new Fill(queue, id, place, bytes(value));
    }

    protected final FillReply fill(String id, int place, String value) {
        return fill(value(id, place, value)).get(0);
    }

    protected final List<FillReply> fill(Fill... fills) {
        return get(workflows().fill(queue, List.of(fills)));
    }

    protected final List<String> placesOf(String id) {
        return get(workflows().places(queue, id, 0, 1000)).orElseThrow().values().stream()
                .map(WaitingJobsContract::text)
                .toList();
    }

    protected static String text(PlaceValue value) {
        return value.kind() == PlaceValue.Kind.FILLED
                ? new String(value.value(), java.nio.charset.StandardCharsets.UTF_8)
                : value.kind().toString();
    }

    @Nested
    class Waiting {

        @Test
        void a_job_without_places_is_ready_at_once_and_one_with_a_delay_is_scheduled() {
            String ready = storedStep(job(newId()), WorkflowJob.NONE);
            String later = storedStep(job(newId()).after(LONG_MILLIS), WorkflowJob.NONE);

            assertThat(stateOf(later)).isEqualTo(JobState.SCHEDULED);
            assertThat(stateOf(ready)).isEqualTo(JobState.READY);
            assertThat(claimOne().body()).isEqualTo(bytes("body of " + ready));
        }

        @Test
        void a_job_with_places_waits_and_the_last_value_makes_it_ready() {
            String id = waiting(2);
            assertThat(stateOf(id)).isEqualTo(JobState.WAITING);
            assertThat(claim(10).claims()).isEmpty();

            assertThat(fill(id, 1, "one")).isEqualTo(FillReply.FILLED);
            assertThat(claim(10).claims()).isEmpty();
            assertThat(fill(id, 0, "zero")).isEqualTo(FillReply.READY);

            assertThat(stateOf(id)).isEqualTo(JobState.READY);
            assertThat(claimOne().id()).isEqualTo(id);
            assertThat(placesOf(id)).containsExactly("zero", "one");
        }

        @Test
        void the_first_value_of_a_place_stays_however_often_others_come() {
            String id = waiting(2);
            fill(id, 0, "first");

            assertThat(fill(value(id, 0, "second"), value(id, 0, "third")))
                    .containsExactly(FillReply.ALREADY, FillReply.ALREADY);
            assertThat(fill(value(id, 1, "a"), value(id, 1, "b"))).containsExactly(FillReply.READY, FillReply.GONE);

            assertThat(placesOf(id)).containsExactly("first", "a");
            assertThat(ids(claim(10))).containsExactly(id);
        }

        @Test
        void a_value_may_hold_any_bytes_or_none_and_a_place_may_be_skipped() {
            String id = waiting(3);

            fill(new Fill(queue, id, 0, everyByte()), new Fill(queue, id, 1, new byte[0]), Fill.skipped(queue, id, 2));

            List<PlaceValue> values =
                    get(workflows().places(queue, id, 0, 10)).orElseThrow().values();
            assertThat(values.get(0).value()).isEqualTo(everyByte());
            assertThat(values.get(1).kind()).isEqualTo(PlaceValue.Kind.FILLED);
            assertThat(values.get(2).kind()).isEqualTo(PlaceValue.Kind.SKIPPED);
        }

        @Test
        void nothing_is_filled_where_no_such_job_waits_or_it_has_no_such_place() {
            String ready = storedStep(job(newId()), WorkflowJob.NONE);
            String plain = readyOne();
            String id = waiting(2);

            assertThat(fill(value(ready, 0, "x"), value(plain, 0, "x"), value("none", 0, "x"), value(id, 2, "x")))
                    .containsOnly(FillReply.GONE);
        }

        @Test
        void a_job_may_learn_later_how_many_places_it_has() {
            String id = waiting(WorkflowJob.UNKNOWN);
            fill(id, 1, "one");
            fill(id, 0, "zero");
            assertThat(stateOf(id)).isEqualTo(JobState.WAITING);

            assertThat(fill(Fill.count(queue, id, 3))).containsExactly(FillReply.FILLED);
            assertThat(fill(Fill.count(queue, id, 2))).as("the first stays").containsExactly(FillReply.ALREADY);
            assertThat(fill(id, 2, "two")).isEqualTo(FillReply.READY);

            assertThat(placesOf(id)).containsExactly("zero", "one", "two");
        }

        @Test
        void with_a_count_that_is_reached_or_of_nothing_it_is_ready() {
            String reached = waiting(WorkflowJob.UNKNOWN);
            String empty = waiting(WorkflowJob.UNKNOWN);
            fill(reached, 0, "zero");

            assertThat(fill(Fill.count(queue, reached, 1), Fill.count(queue, empty, 0)))
                    .containsExactly(FillReply.READY, FillReply.READY);

            assertThat(ids(claim(10))).containsExactly(reached, empty);
            assertThat(placesOf(empty)).isEmpty();
        }

        @Test
        void a_job_with_a_delay_waits_no_longer_and_its_last_value_makes_it_ready_before() {
            String filled = storedStep(job(newId()).after(LONG_MILLIS), 1);
            String late = storedStep(job(newId()).after(SHORT_MILLIS), 2);
            assertThat(stateOf(filled)).isEqualTo(JobState.SCHEDULED);

            assertThat(fill(filled, 0, "came")).isEqualTo(FillReply.READY);
            fill(late, 1, "one");
            letItEnd();

            assertThat(ids(claim(10))).containsExactly(filled, late);
            assertThat(placesOf(filled)).containsExactly("came");
            assertThat(placesOf(late)).containsExactly("EMPTY", "one");
            assertThat(fill(late, 0, "too late")).isEqualTo(FillReply.GONE);
        }

        @Test
        void what_a_run_was_given_does_not_change_for_the_next_one() {
            String late = storedStep(job(newId()).after(SHORT_MILLIS), 1);
            letItEnd();
            retry(claimOne(), LONG_MILLIS);

            assertThat(fill(late, 0, "too late")).isEqualTo(FillReply.GONE);

            assertThat(stateOf(late)).isEqualTo(JobState.SCHEDULED);
            assertThat(placesOf(late)).containsExactly("EMPTY");
        }

        @Test
        void places_are_read_in_pages() {
            String id = waiting(5);
            fill(value(id, 0, "a"), value(id, 3, "d"));

            PlacePage first = get(workflows().places(queue, id, 0, 2)).orElseThrow();
            PlacePage last = get(workflows().places(queue, id, 3, 10)).orElseThrow();
            PlacePage none = get(workflows().places(queue, id, 5, 10)).orElseThrow();

            assertThat(first.values().stream().map(WaitingJobsContract::text)).containsExactly("a", "EMPTY");
            assertThat(last.values().stream().map(WaitingJobsContract::text)).containsExactly("d", "EMPTY");
            assertThat(none.values()).isEmpty();
            assertThat(List.of(first.places(), first.filled())).containsExactly(5, 2);
            assertThat(get(workflows().places(queue, readyOne(), 0, 1))).isEmpty();
            assertThat(get(workflows().places(queue, "none", 0, 1))).isEmpty();
        }

        @Test
        void of_large_values_a_page_has_fewer_but_at_least_one() {
            String id = waiting(3);
            IntStream.range(0, 3).forEach(place -> fill(new Fill(queue, id, place, new byte[900_000])));

            assertThat(get(workflows().places(queue, id, 0, 3)).orElseThrow().values())
                    .hasSize(1);
            assertThat(get(workflows().places(queue, id, 2, 3)).orElseThrow().values())
                    .hasSize(1);
        }

        @Test
        void the_places_of_a_job_go_with_its_end() {
            String id = waiting(1);
            fill(id, 0, "x");
            complete(claimOne());

            assertThat(get(workflows().places(queue, id, 0, 1))).isEmpty();
        }

        @Test
        void a_dead_job_keeps_its_places_and_runs_again_with_them() {
            String id = waiting(1);
            fill(id, 0, "x");
            die(claimOne());

            get(operations().redrive(queue, List.of(io.tidemill.broker.Redrive.now(id))));

            assertThat(claimOne().id()).isEqualTo(id);
            assertThat(placesOf(id)).containsExactly("x");
        }

        @Test
        void jobs_that_wait_are_found_listed_and_explained() {
            String first = waiting(3);
            letItEnd();
            String second = waiting(WorkflowJob.UNKNOWN);
            fill(first, 1, "x");

            assertThat(ids(list(JobState.WAITING))).containsExactly(first, second);
            assertThat(found(first).constraints().member()).isEqualTo(member(1));
            assertThat(list(JobState.WAITING).get(0).constraints().member()).isEqualTo(member(1));
            Inspection seen = get(operations().inspect(queue, first)).orElseThrow();
            assertThat(seen.job().state()).isEqualTo(JobState.WAITING);
            assertThat(seen.waits()).isEqualTo(new Inspection.Waits(3, 1, List.of(0, 2)));
            assertThat(get(operations().inspect(queue, second)).orElseThrow().waits())
                    .isEqualTo(new Inspection.Waits(WorkflowJob.UNKNOWN, 0, List.of()));
            assertThat(get(operations().inspect(queue, readyOne()))
                            .orElseThrow()
                            .waits())
                    .isNull();
        }

        @Test
        void a_job_that_waits_is_cancelled_deleted_and_purged() {
            String cancelled = waiting(1);
            String deleted = waiting(1);
            String purged = waiting(1);

            assertThat(get(cancellation().cancel(queue, cancelled))).isEqualTo(CancelReply.CANCELLED);
            assertThat(get(operations().delete(queue, deleted))).isEqualTo(DeleteReply.DELETED);
            assertThat(get(operations().purge(queue, JobState.WAITING, 10))).isEqualTo(new PurgeReply(1, false));

            assertThat(stateOf(cancelled)).isEqualTo(JobState.CANCELLED);
            assertThat(find(deleted)).isEmpty();
            assertThat(find(purged)).isEmpty();
            assertThat(fill(value(cancelled, 0, "x"), value(deleted, 0, "x"), value(purged, 0, "x")))
                    .containsOnly(FillReply.GONE);
        }

        @Test
        void a_job_that_waits_expires() {
            need(Ability.EXPIRY);
            String id = storedStep(job(newId()).with(JobConstraints.NONE.withExpiresInMillis(SHORT_MILLIS)), 1);
            letItEnd();

            assertThat(named(get(sweeps().expire(queue, 10)))).containsExactly(id);

            assertThat(stateOf(id)).isEqualTo(JobState.EXPIRED);
            assertThat(fill(id, 0, "x")).isEqualTo(FillReply.GONE);
        }

        @Test
        void jobs_become_ready_in_their_groups_and_priorities() {
            need(Ability.GROUPS);
            String high = storedStep(job(newId(), 9), 1);
            String grouped = storedStep(job(newId()).with(JobConstraints.NONE.withGroup("g")), 1);
            String plain = waiting(1);

            fill(value(plain, 0, "x"), value(grouped, 0, "x"), value(high, 0, "x"));

            assertThat(ids(claim(10))).containsExactly(high, plain, grouped);
        }

        @Test
        void a_job_whose_id_is_known_is_not_stored_again() {
            String id = waiting(2);
            fill(id, 0, "x");

            StoreReply again = store(null, step(job(id), 1), step(job(readyOne()), 0));

            assertThat(again.jobs()).allMatch(EnqueueReply.Duplicate.class::isInstance);
            assertThat(get(workflows().places(queue, id, 0, 1)).map(PlacePage::places))
                    .isEqualTo(Optional.of(2));
            String twice = newId();
            assertThat(store(null, step(job(twice), 0), step(job(twice), 0)).jobs())
                    .containsExactly(EnqueueReply.ACCEPTED, duplicateOf(twice));
        }

        @Test
        void an_idle_worker_hears_of_a_job_whose_last_place_is_filled() {
            String id = waiting(1);
            RecordingListener listener = new RecordingListener(patience());
            listen("idle", listener);
            get(broker().claim(queue, new io.tidemill.broker.ClaimRequest("idle", newId(), 1, LONG_MILLIS)));
            listener.forget();

            fill(id, 0, "x");

            listener.await("ready " + queue);
        }

        @Test
        void what_no_job_of_a_workflow_can_have_is_refused() {
            need(Ability.WORKFLOWS);
            NewJob unique = job(newId())
                    .with(JobConstraints.NONE.withUnique(Unique.of("key", Unique.Scope.UNTIL_DONE, Duration.ZERO)));

            assertThatThrownBy(() -> step(unique, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("asks for a unique key");
            assertThatThrownBy(() -> step(job(newId()), WorkflowJob.MAX_PLACES + 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("places must be 0 to " + WorkflowJob.MAX_PLACES + ", or -1 for not known yet, got "
                            + (WorkflowJob.MAX_PLACES + 1));
            assertThatThrownBy(() -> get(workflows().fill("other", List.of(value("x", 0, "x")))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("was given to queue other");
            assertThatThrownBy(() -> get(workflows().store(queue, null, List.of())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("jobs must be 1 to " + WorkflowStore.MAX_JOBS + ", got 0");
        }
    }
}
