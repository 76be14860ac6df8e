package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.EraseReply;
import io.tidemill.broker.Followers;
import io.tidemill.broker.OutboxMessage;
import io.tidemill.broker.StoreReply;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkflowEnd;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowMember;
import io.tidemill.broker.WorkflowWrite;
import io.tidemill.task.JobState;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. The records of workflows, and jobs that are stored with them. */
public abstract class WorkflowRecordsContract extends FollowersContract {

    protected static WorkflowWrite write(@Nullable String expected, String id, String revision, long keepMillis) {
        byte[] content = bytes("content of " + revision);
        return new WorkflowWrite(expected, new StoredWorkflow(id, revision, content, keepMillis));
    }

    protected final StoreReply written(@Nullable String expected, String revision, WorkflowJob... jobs) {
        return store(write(expected, WORKFLOW, revision, 0), jobs);
    }

    private Optional<String> revisionOf(String id) {
        return get(workflows().find(queue, id, false)).map(StoredWorkflow::revision);
    }

    private void end(String outcome, long keepMillis) {
        get(workflows().end(queue, WORKFLOW, new WorkflowEnd(bytes(outcome), keepMillis)));
    }

    private Optional<String> outcome() {
        return get(workflows().find(queue, WORKFLOW, false))
                .map(StoredWorkflow::end)
                .map(end -> new String(end.outcome(), StandardCharsets.UTF_8));
    }

    @Nested
    class Ends {

        @Test
        void the_success_of_a_job_ends_its_workflow_where_that_is_at_home() {
            written(null, "r1");

            complete(succeeded(runningStep())
                    .following(new Followers(List.of(), List.of(), new WorkflowEnd(bytes("all"), LONG_MILLIS))));

            StoredWorkflow found = get(workflows().find(queue, WORKFLOW, false)).orElseThrow();
            assertThat(found.hasEnded()).isTrue();
            assertThat(found.content()).isEqualTo(bytes("content of r1"));
            assertThat(found.keepMillis()).isBetween(1L, LONG_MILLIS);
            assertThat(outcome()).contains("all");
            assertThat(outbox()).isEmpty();
            assertThat(get(workflows().list(queue, 0, 1)).get(0).end()).isNotNull();
        }

        @Test
        void elsewhere_it_leaves_a_message() {
            WorkflowMember away = new WorkflowMember(WORKFLOW, "other", 7);
            store(null, new WorkflowJob(job(newId(), 9), away, WorkflowJob.NONE));
            Claim claim = claimOne();

            complete(succeeded(claim)
                    .following(new Followers(List.of(), List.of(), new WorkflowEnd(everyByte(), 1234))));

            OutboxMessage.Ending ending = outbox().get(0).match(none -> null, none -> null, it -> it);
            assertThat(ending.member()).isEqualTo(away);
            assertThat(ending.end().outcome()).isEqualTo(everyByte());
            assertThat(ending.end().keepMillis()).isEqualTo(1234);
        }

        @Test
        void the_first_end_stays() {
            end("nobody has a record", LONG_MILLIS);
            written(null, "r1");

            end("first", LONG_MILLIS);
            end("second", LONG_MILLIS);

            assertThat(outcome()).contains("first");
        }

        @Test
        void the_record_is_forgotten_when_the_time_of_the_first_end_is_over() {
            written(null, "r1");
            end("first", SHORT_MILLIS);
            end("second", LONG_MILLIS);

            letItEnd();

            assertThat(revisionOf(WORKFLOW)).isEmpty();
        }

        @Test
        void an_end_that_was_on_its_way_when_the_workflow_was_cancelled_changes_nothing() {
            written(null, "r1");
            store(cancelling("r1", "r2"));

            end("too late", LONG_MILLIS);

            assertThat(outcome()).isEmpty();
            assertThat(revisionOf(WORKFLOW)).contains("r2");
            assertThat(store(cancelling("r1", "r2")).isWritten()).as("it was").isTrue();
            assertThat(written("r2", "r3").isWritten()).isTrue();
            end("of another start", LONG_MILLIS);
            assertThat(outcome()).contains("of another start");
        }

        @Test
        void a_completion_that_comes_after_a_cancel_does_not_end_the_workflow() {
            written(null, "r1");
            Claim claim = runningStep();
            store(cancelling("r1", "r2"));

            complete(succeeded(claim)
                    .following(new Followers(List.of(), List.of(), new WorkflowEnd(bytes("all"), LONG_MILLIS))));

            assertThat(outcome()).isEmpty();
            assertThat(revisionOf(WORKFLOW)).contains("r2");
        }

        private static WorkflowWrite cancelling(String expected, String revision) {
            StoredWorkflow after = new StoredWorkflow(WORKFLOW, revision, bytes("cancelled"), LONG_MILLIS);
            return new WorkflowWrite(expected, after, true);
        }

        @Test
        void whoever_awaits_a_workflow_does_not_read_its_content_at_each_look() {
            written(null, "r1");

            StoredWorkflow running =
                    get(workflows().find(queue, WORKFLOW, true)).orElseThrow();
            end("all", LONG_MILLIS);
            StoredWorkflow ended = get(workflows().find(queue, WORKFLOW, true)).orElseThrow();

            assertThat(running.content()).isEmpty();
            assertThat(running.revision()).isEqualTo("r1");
            assertThat(running.hasEnded()).isFalse();
            assertThat(ended.content()).isEqualTo(bytes("content of r1"));
            assertThat(ended.hasEnded()).isTrue();
        }

        @Test
        void whoever_has_not_seen_the_end_cannot_write_and_a_write_takes_it_away() {
            written(null, "r1");
            end("all", LONG_MILLIS);

            assertThat(written("r1", "r2").isWritten()).isFalse();
            assertThat(written(null, "r1").isWritten()).as("it was").isTrue();
            assertThat(outcome()).contains("all");
            assertThat(written(revisionOf(WORKFLOW).orElseThrow(), "r3").isWritten())
                    .isTrue();

            assertThat(outcome()).isEmpty();
            assertThat(get(workflows().find(queue, WORKFLOW, false))
                            .orElseThrow()
                            .hasEnded())
                    .isFalse();
            assertThat(revisionOf(WORKFLOW)).contains("r3");
        }

        @Test
        void whoever_awaits_a_workflow_hears_of_its_end() {
            RecordingListener listener = new RecordingListener(patience());
            listen(null, listener);
            written(null, "r1");
            get(workflows().find(queue, WORKFLOW, true));
            end("all", LONG_MILLIS);
            listener.await("finished " + queue + " " + WORKFLOW);

            listener.forget();
            written(revisionOf(WORKFLOW).orElseThrow(), "r2");
            get(workflows().find(queue, WORKFLOW, true));
            store(write("r2", WORKFLOW, "r3", LONG_MILLIS));
            listener.await("finished " + queue + " " + WORKFLOW);
        }
    }

    @Nested
    class Records {

        @Test
        void a_record_is_written_if_it_has_the_expected_revision() {
            assertThat(written(null, "r1").isWritten()).isTrue();
            assertThat(written(null, "r2").isWritten()).isFalse();
            assertThat(written("r0", "r2").isWritten()).isFalse();
            assertThat(written("r1", "r2").isWritten()).isTrue();

            StoredWorkflow stored =
                    get(workflows().find(queue, WORKFLOW, false)).orElseThrow();

            assertThat(stored.id()).isEqualTo(WORKFLOW);
            assertThat(stored.revision()).isEqualTo("r2");
            assertThat(stored.content()).isEqualTo(bytes("content of r2"));
            assertThat(stored.keepMillis()).isEqualTo(StoredWorkflow.UNTIL_WRITTEN);
            assertThat(revisionOf("none")).isEmpty();
        }

        @Test
        void a_content_may_hold_any_bytes_or_none() {
            store(new WorkflowWrite(null, new StoredWorkflow("any", "r1", everyByte(), 0)));
            store(new WorkflowWrite(null, new StoredWorkflow("none", "r1", new byte[0], 0)));

            assertThat(get(workflows().find(queue, "any", false)).orElseThrow().content())
                    .isEqualTo(everyByte());
            assertThat(get(workflows().find(queue, "none", false)).orElseThrow().content())
                    .isEmpty();
        }

        @Test
        void jobs_are_stored_with_the_record_or_not_at_all() {
            String first = newId();
            String waits = newId();
            StoreReply begun = written(null, "r1", step(job(first), 0), step(job(waits), 1));
            assertThat(begun).isEqualTo(new StoreReply(true, List.of(EnqueueReply.ACCEPTED, EnqueueReply.ACCEPTED)));
            complete(claimOne());

            StoreReply again = written(null, "r1", step(job(first), 0));
            StoreReply other = written(null, "r2", step(job(first), 0));

            assertThat(again).isEqualTo(new StoreReply(true, List.of(duplicateOf(first))));
            assertThat(other).isEqualTo(new StoreReply(false, List.of(new EnqueueReply.Superseded(first))));
            assertThat(claim(10).claims()).isEmpty();
            assertThat(revisionOf(WORKFLOW)).contains("r1");
        }

        @Test
        void a_record_is_forgotten_when_its_time_is_over_and_may_then_be_written_anew() {
            written(null, "r1");
            store(write("r1", WORKFLOW, "r2", SHORT_MILLIS));
            letItEnd();

            assertThat(revisionOf(WORKFLOW)).isEmpty();
            assertThat(get(workflows().list(queue, 0, 10))).isEmpty();
            assertThat(written(null, "r3").isWritten()).isTrue();
            assertThat(revisionOf(WORKFLOW)).contains("r3");
        }

        @Test
        void records_are_listed_first_those_that_have_not_ended_and_then_the_last_to_be_forgotten() {
            store(write(null, "soon", "r1", LONG_MILLIS));
            store(write(null, "b", "r1", 0));
            store(write(null, "late", "r1", 2 * LONG_MILLIS));
            store(write(null, "a", "r1", 0));

            assertThat(get(workflows().list(queue, 0, 10)).stream().map(StoredWorkflow::id))
                    .containsExactly("a", "b", "late", "soon");
            assertThat(get(workflows().list(queue, 1, 2)).stream().map(StoredWorkflow::id))
                    .containsExactly("b", "late");
            assertThat(get(workflows().list(queue, 2, 1)).get(0).keepMillis()).isBetween(LONG_MILLIS, 2 * LONG_MILLIS);
        }

        @Test
        void of_large_records_a_page_has_fewer_but_at_least_one() {
            for (String id : List.of("a", "b")) {
                store(new WorkflowWrite(null, new StoredWorkflow(id, "r1", new byte[700_000], 0)));
            }

            assertThat(get(workflows().list(queue, 0, 10)).stream().map(StoredWorkflow::id))
                    .containsExactly("a");
            assertThat(get(workflows().list(queue, 1, 10)).stream().map(StoredWorkflow::id))
                    .containsExactly("b");
        }

        @Test
        void a_queue_goes_only_without_jobs_that_wait_messages_and_workflows_that_have_not_ended() {
            String id = newId();
            written(null, "r1", step(job(id), 1));
            assertThat(erase()).as("a job waits").isEqualTo(EraseReply.HAS_JOBS);
            get(cancellation().cancel(queue, id));
            assertThat(erase()).as("there is a message").isEqualTo(EraseReply.HAS_JOBS);
            get(workflows().delivered(queue, List.of(outbox().get(0).number())));
            assertThat(erase()).as("the workflow has not ended").isEqualTo(EraseReply.HAS_JOBS);

            store(write("r1", WORKFLOW, "r2", LONG_MILLIS));
            get(workflows().stop(queue, WORKFLOW, LONG_MILLIS));

            assertThat(erase()).isEqualTo(EraseReply.ERASED);
            assertThat(revisionOf(WORKFLOW)).isEmpty();
            assertThat(written(null, "r1", step(job(newId()), 0)).isWritten()).isTrue();
            assertThat(claim(1).claims()).as("it is not stopped any more").hasSize(1);
        }

        @Test
        void by_force_a_queue_goes_with_its_messages_and_workflows() {
            written(null, "r1", step(job(newId()), 1));
            get(operations().purge(queue, JobState.WAITING, 10));
            assertThat(erase()).isEqualTo(EraseReply.HAS_JOBS);

            assertThat(get(operations().erase(queue, true))).isEqualTo(EraseReply.ERASED);

            assertThat(outbox()).isEmpty();
            assertThat(revisionOf(WORKFLOW)).isEmpty();
        }

        private EraseReply erase() {
            return get(operations().erase(queue, false));
        }
    }
}
