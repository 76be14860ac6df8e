package io.tidemill.examples.engreene;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.examples.engreene.cache.Warmup;
import io.tidemill.examples.engreene.jobs.JobQueueService;
import io.tidemill.examples.engreene.sessions.Cleanup;
import io.tidemill.test.TestQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EngreeneSchedulesTest {

    @Test
    void sessionsAreCleanedUpEachHourAndTheCacheIsWarmedUpEachFourthMinute() {
        List<String> ran = new ArrayList<>();
        JobQueueService jobs = new JobQueueService();
        TestQueue[] holder = new TestQueue[1];
        jobs.registerHandler(Cleanup.TYPE, Cleanup.class, job -> ran.add(holder[0].now() + " " + job.data()));
        jobs.registerHandler(Warmup.TYPE, Warmup.class, job -> ran.add(holder[0].now() + " " + job.data()));
        try (TestQueue queue = TestQueue.builder()
                .startAt(Instant.parse("2026-03-10T11:57:30Z"))
                .configure(jobs::configure)
                .configure(it -> it.install(EngreeneSchedules.scheduler()))
                .start()) {
            holder[0] = queue;

            queue.advance(Duration.ofMinutes(63));
        }

        assertThat(ran)
                .contains("2026-03-10T12:00:00Z Cleanup[most=10000]", "2026-03-10T13:00:00Z Cleanup[most=10000]")
                .contains("2026-03-10T12:00:00Z Warmup[areas=[]]", "2026-03-10T12:04:00Z Warmup[areas=[]]")
                .hasSize(2 + 16);
    }
}
