package io.tidemill.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemill.event.JobEvent;
import io.tidemill.event.JobRef;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.RunInfo;
import io.tidemill.message.Failure;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What each event counts as, also those that are hard to bring about. */
class TaskMetersTest {

    private static final JobRef JOB = JobRef.of("mail", "1", "send");
    private static final RunInfo RUN = RunInfo.of(1).withTook(Duration.ofMillis(250));
    private static final RunInfo LOST_RUN = RunInfo.of(3);
    private static final Failure FAILURE = Failure.of("Timeout", "too late");

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final Meters meters = new Meters(registry);
    private final JobMeters jobs = new JobMeters(new Registrar(registry, "default"), names());

    private static KnownNames names() {
        KnownNames names = new KnownNames();
        names.addQueues(List.of("mail"));
        names.addTasks(List.of("send"));
        return names;
    }

    @Test
    void every_event_of_a_job_is_counted() {
        assertThat(TaskMeters.COUNTED.keySet()).isEqualTo(Set.of(JobEvent.class.getPermittedSubclasses()));
    }

    @Test
    void a_lost_lease_is_a_run_whose_outcome_was_refused() {
        jobs.on(new QueueEvent.LeaseLost(JOB, RUN, false));

        assertThat(meters.count(QueueMeters.LEASES_LOST)).isEqualTo(1);
        assertThat(meters.times(QueueMeters.JOBS_RUN, "outcome", "lost")).isEqualTo(1);
        assertThat(meters.count(QueueMeters.JOBS_ENDED)).as("the job goes on").isZero();
    }

    @Test
    void a_recovered_job_has_neither_run_here_nor_ended() {
        jobs.on(new QueueEvent.Recovered(JOB, LOST_RUN));

        assertThat(meters.count(QueueMeters.LEASES_RECOVERED)).isEqualTo(1);
        assertThat(meters.times(QueueMeters.JOBS_RUN)).isZero();
        assertThat(meters.count(QueueMeters.JOBS_ENDED)).isZero();
    }

    @Test
    void a_job_that_dies_in_a_sweep_ends_without_a_failed_run() {
        jobs.on(new QueueEvent.Died(JOB, LOST_RUN, FAILURE));

        assertThat(meters.count(QueueMeters.JOBS_ENDED, "outcome", "dead")).isEqualTo(1);
        assertThat(meters.count(QueueMeters.JOBS_FAILURES)).isZero();
        assertThat(meters.times(QueueMeters.JOBS_RUN)).isZero();
    }

    @Test
    void a_job_that_is_late_or_cancelled_before_it_ran_only_ends() {
        jobs.on(new QueueEvent.Expired(JOB));
        jobs.on(new QueueEvent.Cancelled(JOB, null, "replaced"));

        assertThat(meters.count(QueueMeters.JOBS_ENDED, "outcome", "expired")).isEqualTo(1);
        assertThat(meters.count(QueueMeters.JOBS_ENDED, "outcome", "cancelled")).isEqualTo(1);
        assertThat(meters.times(QueueMeters.JOBS_RUN)).isZero();
    }

    @Test
    void a_wait_and_a_run_are_as_long_as_the_event_says() {
        jobs.on(new QueueEvent.Started(JOB, RunInfo.of(1).withWaited(Duration.ofSeconds(3))));
        jobs.on(new QueueEvent.Succeeded(JOB, RUN));

        assertThat(registry.get("tidemill.jobs.wait").timer().totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(3000);
        assertThat(registry.get("tidemill.jobs.run")
                        .tag("outcome", "succeeded")
                        .timer()
                        .totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(250);
    }

    @Test
    void a_task_that_could_not_be_read_is_another() {
        jobs.on(new QueueEvent.Died(JobRef.of("mail", "2", "?"), RUN, FAILURE));

        assertThat(meters.values(MeterTag.TASK)).containsExactly("other");
    }
}
