package io.tidemill.conformance;

import io.tidemill.broker.Broker;
import io.tidemill.broker.DueSchedules;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.FoundSchedules;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.ScheduleStep;
import io.tidemill.broker.ScheduleStore;
import io.tidemill.broker.ScheduleWrite;
import io.tidemill.broker.StoredSchedule;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Brokers that get schedules wrong. */
final class ScheduleMutants {

    private ScheduleMutants() {}

    /** Passes everything on. */
    private static class DelegatingSchedules extends DelegatingBroker implements ScheduleStore {

        private final ScheduleStore store;

        DelegatingSchedules(Broker broker) {
            super(broker);
            this.store = broker.schedules();
        }

        @Override
        public ScheduleStore schedules() {
            return this;
        }

        @Override
        public CompletableFuture<DueSchedules> take(String queue, int limit, long holdMillis, Set<String> except) {
            return store.take(queue, limit, holdMillis, except);
        }

        @Override
        public CompletableFuture<Boolean> write(String queue, Optional<String> expected, StoredSchedule schedule) {
            return store.write(queue, expected, schedule);
        }

        @Override
        public CompletableFuture<List<Boolean>> write(String queue, List<ScheduleWrite> writes) {
            return store.write(queue, writes);
        }

        @Override
        public CompletableFuture<FoundSchedules> find(String queue, List<String> names) {
            return store.find(queue, names);
        }

        @Override
        public CompletableFuture<Boolean> remove(String queue, String name, String expected) {
            return store.remove(queue, name, expected);
        }

        @Override
        public CompletableFuture<Optional<StoredSchedule>> find(String queue, String name) {
            return store.find(queue, name);
        }

        @Override
        public CompletableFuture<List<StoredSchedule>> list(String queue, int offset, int limit) {
            return store.list(queue, offset, limit);
        }

        @Override
        public CompletableFuture<Long> count(String queue) {
            return store.count(queue);
        }

        @Override
        public CompletableFuture<Set<String>> queues() {
            return store.queues();
        }

        @Override
        public CompletableFuture<Long> nowMillis(String queue) {
            return store.nowMillis(queue);
        }

        final Optional<String> revision(String queue, String name) {
            return store.find(queue, name).join().map(StoredSchedule::revision);
        }
    }

    /** Fires whatever the revision is, if the schedule is there. */
    static final class StepIgnoresRevision extends DelegatingSchedules {
        StepIgnoresRevision(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            return super.enqueue(
                    queue, jobs.stream().map(job -> matching(queue, job)).toList());
        }

        private NewJob matching(String queue, NewJob job) {
            ScheduleStep step = job.constraints().step();
            if (step == null) {
                return job;
            }
            String revision = revision(queue, step.after().name()).orElse(step.expected());
            return revision.equals(step.after().revision())
                    ? job
                    : job.with(job.constraints().withStep(new ScheduleStep(revision, step.after())));
        }
    }

    /** The jobs are stored, and the schedules stay as they were. */
    static final class StepNotTaken extends DelegatingSchedules {
        StepNotTaken(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            return super.enqueue(
                    queue,
                    jobs.stream()
                            .map(job -> job.with(job.constraints().withStep(null)))
                            .toList());
        }
    }

    /** The step is taken, and only then it is known that the job is there already. */
    static final class StepNotTakenForKnownJobs extends DelegatingSchedules {
        StepNotTakenForKnownJobs(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            return super.enqueue(
                    queue,
                    jobs.stream()
                            .map(job ->
                                    find(queue, job.id(), false, null).join().isEmpty()
                                            ? job
                                            : job.with(job.constraints().withStep(null)))
                            .toList());
        }
    }

    /** Whoever comes second is answered as if the job were there. */
    static final class SupersededIsDuplicate extends DelegatingSchedules {
        SupersededIsDuplicate(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            return super.enqueue(queue, jobs)
                    .thenApply(replies -> replies.stream()
                            .map(reply -> reply instanceof EnqueueReply.Superseded superseded
                                    ? new EnqueueReply.Duplicate(superseded.existing())
                                    : reply)
                            .toList());
        }
    }

    /** All who ask are brought the same. */
    static final class TakeDoesNotHold extends DelegatingSchedules {
        TakeDoesNotHold(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<DueSchedules> take(String queue, int limit, long holdMillis, Set<String> except) {
            DueSchedules due = super.take(queue, limit, holdMillis, except).join();
            for (StoredSchedule taken : due.schedules()) {
                String revision = taken.revision();
                StoredSchedule other =
                        new StoredSchedule(taken.name(), "let go of", taken.fireAtMillis(), taken.content());
                super.write(queue, Optional.of(revision), other).join();
                super.write(queue, Optional.of("let go of"), taken).join();
            }
            return Mutants.done(due);
        }
    }

    /** What was taken once never comes again. */
    static final class TakeHoldsForEver extends DelegatingSchedules {
        TakeHoldsForEver(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<DueSchedules> take(String queue, int limit, long holdMillis, Set<String> except) {
            return super.take(queue, limit, MAX_HOLD_MILLIS, except);
        }
    }

    /** The last writer wins. */
    static final class WriteIgnoresExpected extends DelegatingSchedules {
        WriteIgnoresExpected(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Boolean> write(String queue, Optional<String> expected, StoredSchedule schedule) {
            return super.write(queue, revision(queue, schedule.name()), schedule);
        }
    }

    /** Whoever removes a schedule need not know it. */
    static final class RemoveIgnoresExpected extends DelegatingSchedules {
        RemoveIgnoresExpected(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Boolean> remove(String queue, String name, String expected) {
            return super.remove(queue, name, revision(queue, name).orElse(expected));
        }
    }

    /** A write whose answer was lost is refused when it is repeated. */
    static final class RepeatedWriteRefused extends DelegatingSchedules {
        RepeatedWriteRefused(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Boolean> write(String queue, Optional<String> expected, StoredSchedule schedule) {
            return revision(queue, schedule.name()).equals(expected)
                    ? super.write(queue, expected, schedule)
                    : Mutants.done(false);
        }
    }
}
