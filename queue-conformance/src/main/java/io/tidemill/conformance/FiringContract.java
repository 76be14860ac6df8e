package io.tidemill.conformance;

import static io.tidemill.conformance.Counted.counted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.ScheduleStep;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.task.Unique;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. Schedules that fire: jobs that carry a {@link ScheduleStep}. */
public abstract class FiringContract extends TakingContract {

    static NewJob with(NewJob job, String expected, StoredSchedule after) {
        return job.with(job.constraints().withStep(new ScheduleStep(expected, after)));
    }

    /** A new job that fires this schedule, from one revision to the next, which is not due within a test. */
    NewJob firing(String name, String expected, String next) {
        return with(job(newId()), expected, later(name, next));
    }

    static EnqueueReply superseded(NewJob job) {
        return new EnqueueReply.Superseded(job.id());
    }

    @Nested
    class Firing {

        @Test
        void the_job_is_stored_and_the_schedule_replaced() {
            put(due("one", "r1"));
            take();
            StoredSchedule next = later("one", "r2");
            NewJob job = with(job(newId()), "r1", next);

            assertThat(enqueueOne(job)).isEqualTo(EnqueueReply.ACCEPTED);

            assertStored(next);
            Claim claim = claimOne();
            assertThat(claim.id()).isEqualTo(job.id());
            assertThat(claim.body()).isEqualTo(job.body());
            complete(claim);
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 1, 1, 0));
        }

        @Test
        void a_job_whose_schedule_has_another_revision_is_not_stored_and_changes_nothing() {
            StoredSchedule there = put(due("one", "r1"));
            NewJob job = firing("one", "r0", "r2");

            assertThat(enqueueOne(job)).isEqualTo(superseded(job));

            assertStored(there);
            assertThat(find(job.id())).isEmpty();
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 0, 0, 0));
        }

        @Test
        void a_schedule_that_was_removed_fires_no_more_and_does_not_come_back() {
            put(due("one", "r1"));
            NewJob job = firing("one", "r1", "r2");
            get(schedules().remove(queue, "one", "r1"));

            assertThat(enqueueOne(job)).isEqualTo(superseded(job));

            assertStored();
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 0, 0, 0));
        }

        @Test
        void a_schedule_that_was_changed_after_it_was_taken_does_not_fire_as_it_was() {
            put(due("one", "r1"));
            take();
            StoredSchedule paused = schedule("one", "r2", StoredSchedule.NEVER);
            write("r1", paused);
            NewJob job = firing("one", "r1", "r3");

            assertThat(enqueueOne(job)).isEqualTo(superseded(job));

            assertStored(paused);
        }

        @Test
        void of_ten_processes_that_fire_the_same_revision_one_stores_its_job() {
            put(due("one", "r0"));
            List<Broker> processes =
                    Stream.generate(FiringContract.this::another).limit(10).toList();
            AtomicInteger turn = new AtomicInteger();

            List<EnqueueReply> replies = together(10, () -> {
                int number = turn.getAndIncrement();
                NewJob mine = with(job("job-" + number), "r0", later("one", "mine-" + number));
                return enqueue(processes.get(number), List.of(mine)).get(0);
            });

            assertThat(replies).containsOnlyOnce(EnqueueReply.ACCEPTED);
            assertThat(counts().accepted()).isEqualTo(1);
            assertThat(revision("one")).isEqualTo(claimOne().id().replace("job", "mine"));
        }

        @Test
        void two_that_fire_the_same_revision_with_the_same_job_id_store_it_once_though_it_has_run() {
            put(due("one", "r1"));
            String id = "one@2030-01-01T00:00:00Z";
            assertThat(enqueueOne(with(job(id), "r1", later("one", "mine")))).isEqualTo(EnqueueReply.ACCEPTED);
            complete(claimOne());
            assertThat(find(id)).as("nothing is left of the job").isEmpty();

            NewJob second = with(job(id), "r1", later("one", "theirs"));
            assertThat(enqueueOne(second)).isEqualTo(superseded(second));

            assertThat(revision("one")).isEqualTo("mine");
            assertThat(counts().accepted()).isEqualTo(1);
        }

        @Test
        void the_step_is_taken_also_if_the_id_of_the_job_is_known() {
            String id = readyOne();
            put(due("one", "r1"));
            StoredSchedule next = later("one", "r2");

            assertThat(enqueueOne(with(job(id), "r1", next))).isEqualTo(duplicateOf(id));

            assertStored(next);
            assertThat(counts().accepted()).isEqualTo(1);
        }

        @Test
        void the_step_is_taken_also_if_another_job_holds_the_unique_key() {
            Unique key = Unique.untilDone("report");
            NewJob holder = job(newId()).with(JobConstraints.NONE.withUnique(key));
            stored(List.of(holder));
            put(due("one", "r1"));
            StoredSchedule next = later("one", "r2");
            NewJob job = job(newId()).with(JobConstraints.NONE.withUnique(key));

            assertThat(enqueueOne(with(job, "r1", next))).isEqualTo(duplicateOf(holder.id()));

            assertStored(next);
            assertThat(find(job.id())).isEmpty();
        }

        @Test
        void a_job_that_is_superseded_touches_nobody_who_holds_its_unique_key() {
            Unique key = Unique.untilDone("report");
            NewJob holder = job(newId()).with(JobConstraints.NONE.withUnique(key));
            stored(List.of(holder));
            put(due("one", "r1"));
            for (Unique.Conflict conflict : Unique.Conflict.values()) {
                NewJob job = job(newId()).with(JobConstraints.NONE.withUnique(key.onConflict(conflict)));
                NewJob late = with(job, "r0", later("one", "r2"));
                assertThat(enqueueOne(late)).as("%s", conflict).isEqualTo(superseded(late));
            }

            assertThat(found(holder.id()).body()).isEqualTo(holder.body());
            assertThat(revision("one")).isEqualTo("r1");
        }

        @Test
        void a_job_that_is_superseded_is_no_duplicate_though_its_id_is_known() {
            String id = readyOne();
            put(due("one", "r1"));
            NewJob job = with(job(id), "r0", later("one", "r2"));

            assertThat(enqueueOne(job)).isEqualTo(superseded(job));
        }

        @Test
        void several_steps_of_one_schedule_are_taken_in_their_order() {
            put(due("one", "r0"));
            List<NewJob> jobs = IntStream.range(0, 5)
                    .mapToObj(i -> firing("one", "r" + i, "r" + (i + 1)))
                    .toList();

            assertThat(enqueue(broker(), jobs)).hasSize(5).containsOnly(EnqueueReply.ACCEPTED);

            assertThat(revision("one")).isEqualTo("r5");
            assertThat(ids(claim(10))).isEqualTo(jobs.stream().map(NewJob::id).toList());
        }

        @Test
        void a_step_that_is_superseded_takes_those_along_that_build_on_it_and_no_others() {
            put(due("one", "x"));
            put(due("two", "r0"));
            NewJob first = firing("one", "r0", "r1");
            NewJob second = firing("one", "r1", "r2");
            NewJob other = firing("two", "r0", "r1");
            NewJob plain = job(newId());

            assertThat(enqueue(broker(), List.of(first, plain, second, other)))
                    .containsExactly(
                            superseded(first), EnqueueReply.ACCEPTED, superseded(second), EnqueueReply.ACCEPTED);

            assertThat(ids(claim(10))).containsExactly(plain.id(), other.id());
            assertThat(List.of(revision("one"), revision("two"))).containsExactly("x", "r1");
        }

        @Test
        void of_two_jobs_in_one_request_that_expect_the_same_revision_the_first_is_stored() {
            put(due("one", "r0"));
            NewJob first = firing("one", "r0", "a");
            NewJob second = firing("one", "r0", "b");

            assertThat(enqueue(broker(), List.of(first, second)))
                    .containsExactly(EnqueueReply.ACCEPTED, superseded(second));

            assertThat(revision("one")).isEqualTo("a");
        }

        @Test
        void a_request_that_is_repeated_stores_nothing_more_though_the_job_has_run() {
            put(due("one", "r1"));
            NewJob job = firing("one", "r1", "r2");
            enqueueOne(job);
            complete(claimOne());

            assertThat(enqueueOne(job)).isEqualTo(duplicateOf(job.id()));

            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 1, 1, 0));
            assertThat(revision("one")).isEqualTo("r2");
        }

        @Test
        void a_request_of_several_steps_that_is_repeated_stores_nothing_more() {
            put(due("one", "r0"));
            List<NewJob> jobs = List.of(firing("one", "r0", "r1"), firing("one", "r1", "r2"));
            enqueue(broker(), jobs);
            complete(claimOne());
            complete(claimOne());

            List<EnqueueReply> replies = enqueue(broker(), jobs);

            assertThat(replies)
                    .as("the schedule has the last revision: only of the last step it is known that it was this one")
                    .containsExactly(
                            superseded(jobs.get(0)), duplicateOf(jobs.get(1).id()));
            assertThat(counts().accepted()).isEqualTo(2);
            assertThat(revision("one")).isEqualTo("r2");
        }

        @Test
        void a_late_copy_of_an_earlier_request_stores_nothing() {
            put(due("one", "r0"));
            NewJob first = firing("one", "r0", "r1");
            enqueueOne(first);
            enqueueOne(firing("one", "r1", "r2"));
            claim(10).claims().forEach(FiringContract.this::complete);

            assertThat(enqueueOne(first)).isEqualTo(superseded(first));

            assertThat(counts().accepted()).isEqualTo(2);
        }

        @Test
        void a_schedule_that_fired_is_brought_when_its_next_time_is_due() {
            put(due("one", "r1"));
            take();

            enqueueOne(with(job(newId()), "r1", due("one", "r2")));

            StoredSchedule next = take().schedules().get(0);
            assertThat(next.revision()).isEqualTo("r2");
        }

        @Test
        void a_schedule_that_has_fired_for_the_last_time_stays_and_is_never_due() {
            put(due("one", "r1"));
            StoredSchedule over = schedule("one", "r2", StoredSchedule.NEVER);

            enqueueOne(with(job(newId()), "r1", over));

            assertStored(over);
            assertThat(take().schedules()).isEmpty();
        }

        @Test
        void the_content_after_a_step_is_any_bytes_up_to_the_limit() {
            put(due("one", "r0"));
            int number = 0;
            for (byte[] content : List.of(new byte[0], everyByte(), new byte[StoredSchedule.MAX_CONTENT_BYTES])) {
                StoredSchedule after = new StoredSchedule("one", "r" + (number + 1), 5, content);
                assertThat(enqueueOne(with(job(newId()), "r" + number, after))).isEqualTo(EnqueueReply.ACCEPTED);
                assertStored(after);
                number++;
            }
        }

        @Test
        void names_and_revisions_of_steps_are_any_printable_text() {
            for (String text : TEXTS) {
                put(due(text, text));
                assertThat(enqueueOne(with(job(newId()), text, later(text, next(text)))))
                        .isEqualTo(EnqueueReply.ACCEPTED);

                assertThat(revision(text)).isEqualTo(next(text));
            }
        }

        @Test
        void what_the_step_brings_is_not_part_of_the_job() {
            put(due("one", "r1"));
            NewJob job = firing("one", "r1", "r2");
            enqueueOne(job);

            JobSnapshot stored = found(job.id());

            assertThat(stored.body()).isEqualTo(job.body());
            assertThat(stored.constraints().key()).isNull();
            assertThat(stored.constraints().group()).isNull();
            Claim claim = claimOne();
            assertThat(claim.body()).isEqualTo(job.body());
            retry(claim, 0);
            assertThat(claimOne().body()).isEqualTo(job.body());
        }

        @Test
        void it_fires_into_a_paused_queue_whose_jobs_wait() {
            put(due("one", "r1"));
            get(operations().pause(queue));

            assertThat(enqueueOne(firing("one", "r1", "r2"))).isEqualTo(EnqueueReply.ACCEPTED);

            assertThat(claim(10).claims()).isEmpty();
            get(operations().resume(queue));
            claimOne();
        }

        @Test
        void an_idle_worker_hears_of_the_job() {
            RecordingListener listener = new RecordingListener(patience());
            put(due("one", "r1"));
            listen("worker-idle", listener);
            get(broker().claim(queue, request("idle", 1, LONG_MILLIS)));
            listener.forget();

            enqueueOne(firing("one", "r1", "r2"));

            listener.await("ready " + queue);
        }

        @Test
        void a_step_must_bring_another_revision() {
            StoredSchedule same = schedule("one", "r1", 0);

            assertThatThrownBy(() -> new ScheduleStep("r1", same))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the step of schedule \"one\" must bring a new revision");
        }
    }
}
