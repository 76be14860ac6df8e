package io.tidemill.redis.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.event.QueueEvent;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisOptions;
import io.tidemill.redis.Thorough;
import io.tidemill.task.Task;
import io.tidemill.test.Recorder;
import io.tidemill.test.Waits;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a worker and a producer say of themselves while Redis is gone, and in a thorough build also while it is frozen.
 */
@Tag(Thorough.TAG)
class HealthIT {

    /** A task that does nothing. */
    public static final class Nothing {

        /** Returns. */
        @Task
        public void nothing() {}
    }

    private final Recorder ofWorker = new Recorder();
    private final Recorder ofProducer = new Recorder();

    private static TaskQueue queue(RedisServer redis, Recorder events, Object... tasks) {
        RedisOptions options = RedisOptions.defaults()
                .withCommandTimeout(Duration.ofSeconds(2))
                .withRequestTimeout(Duration.ofSeconds(5));
        return TaskQueue.builder()
                .broker(RedisBroker.connect(redis.uri(), options))
                .tasks(tasks)
                .listener(events)
                .start();
    }

    @Test
    void a_queue_whose_redis_is_gone_is_not_ready_until_it_is_back_and_publishes_each_outage_once() throws Exception {
        try (RedisServer redis = RedisServer.start();
                TaskQueue worker = queue(redis, ofWorker, new Nothing());
                TaskQueue producer = queue(redis, ofProducer)) {
            awaitReady(true, worker, producer);

            redis.kill9();
            awaitReady(false, worker, producer);
            assertThat(worker.health().live()).isTrue();
            redis.restart();
            awaitReady(true, worker, producer);
            Waits.until(
                    "announcements arrive again",
                    () -> worker.health().problems().isEmpty());
            awaitOutages(1);

            if (Thorough.isFull()) {
                redis.stop();
                awaitReady(false, worker, producer);
                redis.cont();
                awaitReady(true, worker, producer);
                awaitOutages(2);
            }
        }
    }

    private static void awaitReady(boolean ready, TaskQueue... queues) {
        for (TaskQueue queue : queues) {
            Waits.until("ready is " + ready, () -> queue.health().ready() == ready);
        }
    }

    /** Each process publishes each outage once. */
    private void awaitOutages(int count) throws InterruptedException {
        for (Recorder events : new Recorder[] {ofWorker, ofProducer}) {
            events.await(QueueEvent.ConnectionBack.class, count);
            assertThat(events.events(QueueEvent.ConnectionLost.class)).hasSize(count);
            assertThat(events.events(QueueEvent.ConnectionBack.class)).hasSize(count);
        }
    }
}
