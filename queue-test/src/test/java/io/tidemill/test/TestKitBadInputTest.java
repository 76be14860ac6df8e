package io.tidemill.test;

import static io.tidemill.client.TaskRef.task;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.task.ConfigurationException;
import io.tidemill.task.Task;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What the test kit says of values that it cannot use. */
class TestKitBadInputTest {

    /** A task. */
    public static final class Mails {

        @Task
        public void slow() {}
    }

    @Test
    void aBrokerAndAClockThatWouldNotBeUsedAreRefused() {
        TestQueueBuilder builder = TestQueue.builder()
                .tasks(new Mails())
                .configure(it ->
                        it.broker(new MemoryBroker()).clock(new FakeClock()).concurrency(7));

        assertThatThrownBy(builder::start)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("a TestQueue has a broker of its own, in memory")
                .hasMessageContaining("a TestQueue has a clock of its own");
    }

    @Test
    void whatIsMissingOrOutOfRangeIsNamed() {
        assertThatThrownBy(() -> TestQueue.builder().configure(null)).hasMessage("settings must not be null");
        assertThatThrownBy(() -> TestQueue.builder().startAt(null)).hasMessage("instant must not be null");
        assertThatThrownBy(() -> TestQueue.builder().startAt(Instant.MAX)).hasMessageContaining("from 1970 to 9999");
        try (TestQueue queue = TestQueue.of(new Mails())) {
            assertThatThrownBy(() -> queue.advance(null)).hasMessage("duration must not be null");
            assertThatThrownBy(() -> queue.advance(Duration.ofSeconds(-1)))
                    .hasMessageContaining("duration must be between 0 and 10 years");
            assertThatThrownBy(() -> queue.sleep(Duration.ofDays(4000)))
                    .hasMessageContaining("duration must be between 0 and 10 years");
            assertThatThrownBy(() -> queue.failNext(task(Mails::slow), null)).hasMessage("thrown must not be null");
            assertThatThrownBy(() -> queue.crashNext(null)).hasMessage("task must not be null");
            assertThatThrownBy(() -> queue.enqueued(null)).hasMessage("task must not be null");
        }
        FakeClock clock = new FakeClock();
        assertThatThrownBy(() -> clock.awaitWaiters(0)).hasMessageContaining("must be 1 or more, got 0");
        assertThatThrownBy(() -> clock.advance(null)).hasMessage("duration must not be null");
        assertThatThrownBy(() -> TestContext.of("job").withAttempt(0)).hasMessageContaining("must be 1 or more, got 0");
        assertThatThrownBy(() -> TestContext.of("job").withQueue("no such name"))
                .hasMessageContaining("queue name");
        assertThatThrownBy(() -> Waits.until("it holds", null)).hasMessage("condition must not be null");
    }
}
