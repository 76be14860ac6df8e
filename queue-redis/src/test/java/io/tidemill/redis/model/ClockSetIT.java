package io.tidemill.redis.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidemill.broker.Broker;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.conformance.fault.Fault;
import io.tidemill.conformance.fault.FaultProxy;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.script.ScriptNames;
import io.tidemill.task.BrokerException;
import io.tidemill.task.BrokerException.Outcome;
import io.tidemill.task.JobState;
import io.tidemill.test.FakeClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The clock of Redis is set while the answer to a call is missing. */
class ClockSetIT {

    private static final byte[] BODY = "body".getBytes(StandardCharsets.US_ASCII);

    private static final Limits ONE_IN_A_SECOND = Limits.of(List.of(Limit.rate(1, Duration.ofSeconds(1))));

    private Real real;
    private FaultProxy proxy;
    private RedisBroker broker;

    @BeforeEach
    void start() {
        Real.assumeServerIsNewEnough();
        real = new Real();
        real.reset();
        proxy = FaultProxy.to(real.port(), ScriptNames.byDigest());
        broker = RedisBroker.connect(proxy.uri());
        broker.open();
        // The time of the server is known from its first answer on.
        get(broker.lists().counts(Operation.QUEUE));
    }

    @AfterEach
    void stop() {
        if (real != null) {
            broker.close();
            proxy.close();
            real.close();
        }
    }

    /** The job is there, and so is the number of the call: it is answered from that. */
    @Test
    void a_job_is_stored_once_if_the_clock_leaps_ahead_by_half_an_hour() {
        leapWhileTheAnswerIsMissing(Duration.ofMinutes(30));

        assertThat(get(broker.enqueue(
                        Operation.QUEUE, List.of(NewJob.now("job", BODY, 4).withNewId()))))
                .containsExactly(EnqueueReply.ACCEPTED);
        assertThat(stored()).containsExactly("job");
    }

    @Test
    void a_job_is_stored_once_and_said_to_be_unknown_if_the_clock_leaps_ahead_by_more_than_its_number_is_kept() {
        leapWhileTheAnswerIsMissing(Duration.ofMinutes(61));

        CompletionException failure = catchThrowableOfType(
                CompletionException.class,
                () -> get(broker.enqueue(
                        Operation.QUEUE, List.of(NewJob.now("job", BODY, 4).withNewId()))));

        assertThat(failure).hasMessageContaining("the server's clock was set ahead");
        assertThat(((BrokerException) failure.getCause()).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(stored()).containsExactly("job");
    }

    @Test
    void a_rate_limit_of_a_queue_goes_on_when_the_clock_is_set_back_an_hour() {
        assertThatJobsGoOnAfterAClockSetBack(LimitScope.QUEUE, JobConstraints.NONE, JobConstraints.NONE);
    }

    @Test
    void rate_limits_of_groups_go_on_when_the_clock_is_set_back_an_hour() {
        assertThatJobsGoOnAfterAClockSetBack(
                LimitScope.GROUPS, JobConstraints.NONE.withGroup("a"), JobConstraints.NONE.withGroup("b"));
    }

    private void assertThatJobsGoOnAfterAClockSetBack(LimitScope scope, JobConstraints one, JobConstraints other) {
        FakeClock clock = new FakeClock(Instant.ofEpochMilli(Model.START));
        MemoryBroker memory = new MemoryBroker(clock);
        get(memory.limits().limit(Operation.QUEUE, scope, ONE_IN_A_SECOND));
        get(broker.limits().limit(Operation.QUEUE, scope, ONE_IN_A_SECOND));
        assertThatJobsGoOn(memory, one, other, back -> clock.jump(back.negated()));
        assertThatJobsGoOn(broker, one, other, back -> real.set(Model.START - back.toMillis()));
    }

    private static void assertThatJobsGoOn(
            Broker broker, JobConstraints one, JobConstraints other, Consumer<Duration> setBack) {
        List<NewJob> jobs = Stream.of("1", "2", "3", "4", "5", "6")
                .map(id -> NewJob.now(id, BODY, 4).with(Integer.parseInt(id) % 2 == 0 ? one : other))
                .toList();
        get(broker.enqueue(Operation.QUEUE, jobs));
        int before = claim(broker, 1).claims().size();
        assertThat(claim(broker, 2).claims()).as("the rate holds").isEmpty();

        setBack.accept(Duration.ofHours(1));

        ClaimReply after = claim(broker, 3);
        assertThat(after.claims().size()).isLessThanOrEqualTo(before);
        assertThat(after.moreInMillis()).as("it waits as long as the rate asks").isBetween(0L, 1_000L);
    }

    private static ClaimReply claim(Broker broker, int number) {
        return get(broker.claim(Operation.QUEUE, new ClaimRequest("w", "w:" + number, 10, 60_000)));
    }

    /** The next call is a new one: the clock is known again. */
    @Test
    void what_comes_after_a_leap_is_stored() {
        real.set(Model.START + Duration.ofHours(2).toMillis());

        assertThat(get(broker.enqueue(
                        Operation.QUEUE, List.of(NewJob.now("job", BODY, 4).withNewId()))))
                .containsExactly(EnqueueReply.ACCEPTED);
        assertThat(stored()).containsExactly("job");
    }

    /** Before the call is sent again. */
    private void leapWhileTheAnswerIsMissing(Duration leap) {
        AtomicInteger sent = new AtomicInteger();
        proxy.plan(name -> {
            if (!name.equals("enqueue")) {
                return Fault.NONE;
            }
            if (sent.incrementAndGet() == 2) {
                real.set(Model.START + leap.toMillis());
            }
            return sent.get() == 1 ? Fault.LOST_REPLY : Fault.NONE;
        });
    }

    private List<String> stored() {
        return get(broker.lists().list(Operation.QUEUE, JobState.READY, 0, 10)).stream()
                .map(JobSnapshot::id)
                .toList();
    }

    private static <V> V get(CompletableFuture<V> future) {
        return future.orTimeout(20, TimeUnit.SECONDS).join();
    }
}
