package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. Schedules that fire jobs with constraints. */
public abstract class ConstrainedFiringContract extends FiringContract {

    @Nested
    class FiringJobsThatAskForMore {

        /** Fires with this job; the step and what the job asks for hold both. */
        private void fires(NewJob job) {
            String before = newId();
            String after = newId();
            put(due(job.id(), before));
            assertThat(enqueueOne(with(job, before, later(job.id(), after)))).isEqualTo(EnqueueReply.ACCEPTED);
            assertThat(revision(job.id())).isEqualTo(after);
            NewJob late = with(job(newId()), before, later(job.id(), newId()));
            assertThat(enqueueOne(late)).isEqualTo(superseded(late));
        }

        @Test
        void a_delay() {
            NewJob job = job(newId()).after(SHORT_MILLIS);
            fires(job);
            NewJob long_ = job(newId()).after(LONG_MILLIS);
            fires(long_);

            letItEnd();

            assertThat(ids(claim(10))).containsExactly(job.id());
            assertThat(stateOf(long_.id())).isEqualTo(JobState.SCHEDULED);
        }

        @Test
        void a_priority() {
            NewJob low = job(newId(), 0);
            NewJob high = job(newId(), 9);
            fires(low);
            fires(high);

            assertThat(ids(claim(10))).containsExactly(high.id(), low.id());
        }

        @Test
        void a_group() {
            NewJob job = job(newId()).with(JobConstraints.NONE.withGroup("tenant 7"));
            fires(job);

            assertThat(found(job.id()).constraints().group()).isEqualTo("tenant 7");
            assertThat(claimOne().id()).isEqualTo(job.id());
        }

        @Test
        void an_expiry() {
            NewJob job = job(newId()).with(JobConstraints.NONE.withExpiresInMillis(SHORT_MILLIS));
            fires(job);

            letItEnd();

            assertThat(claim(10).claims()).isEmpty();
            get(sweeps().expire(queue, 10));
            assertThat(counts().expired()).isEqualTo(1);
        }

        @Test
        void a_unique_key() {
            Unique key = Unique.untilDone("report");
            NewJob job = job(newId()).with(JobConstraints.NONE.withUnique(key));
            fires(job);

            NewJob other = job(newId()).with(JobConstraints.NONE.withUnique(key));
            assertThat(enqueueOne(other)).isEqualTo(duplicateOf(job.id()));
            complete(claimOne());
            assertThat(enqueueOne(other)).isEqualTo(EnqueueReply.ACCEPTED);
        }

        @Test
        void everything_at_once() {
            NewJob job = job(newId(), 7)
                    .after(SHORT_MILLIS)
                    .with(new JobConstraints(Unique.within("report", Duration.ofHours(1)), "tenant 7", LONG_MILLIS));
            fires(job);
            assertThat(stateOf(job.id())).isIn(JobState.SCHEDULED, JobState.READY);

            letItEnd();

            Claim claim = claimOne();
            assertThat(claim.id()).isEqualTo(job.id());
            assertThat(claim.priority()).isEqualTo(7);
        }
    }
}
