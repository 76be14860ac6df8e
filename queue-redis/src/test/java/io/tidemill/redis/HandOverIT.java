package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimOffer;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.Completion;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.NewJob;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.task.JobState;
import io.tidemill.test.redis.RedisServer;
import io.tidemill.text.JobIds;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a worker offers to run is put under its lease by the call that stores it, if nothing stands in the way. */
class HandOverIT {

    private static final JobIds IDS = new JobIds(System::currentTimeMillis);
    private static final byte[] BODY = "body".getBytes(StandardCharsets.US_ASCII);
    private static final long LEASE_MILLIS = 60_000;

    private final String queue = "hand-over-" + IDS.next();
    private final RedisBroker broker = RedisBroker.connect(RedisServer.shared().uri());
    private final RedisProbe probe = RedisProbe.shared();
    private final CompletableFuture<ClaimReply> answer = new CompletableFuture<>();

    @BeforeEach
    void open() {
        broker.open();
        // The worker has come in vain, so it waits.
        get(broker.claim(queue, new ClaimRequest("w1", IDS.next(), 1, LEASE_MILLIS)));
    }

    @AfterEach
    void close() {
        probe.checkInvariants(queue);
        broker.close();
    }

    @Test
    void a_fresh_job_is_active_as_soon_as_it_is_stored() {
        offering(1, true);
        NewJob job = fresh();

        assertThat(enqueue(job)).containsExactly(EnqueueReply.ACCEPTED);

        Claim claim = get(answer).claims().get(0);
        assertThat(claim.claimedAtMillis()).isPositive();
        assertThat(claim.claimedAt(0)).isEqualTo(new Claim(job.id(), "token", job.body(), 4, 0, 0, 0));
        assertThat(probe.places(queue)).containsExactlyEntriesOf(Map.of(job.id(), Set.of(JobState.ACTIVE)));
        assertThat(waiting()).as("it has no slot left").isEmpty();
        get(broker.complete(queue, List.of(new Completion.Succeeded(claim.id(), claim.token(), null, 0)), null));
        assertThat(probe.places(queue)).isEmpty();
        assertThat(get(broker.lists().counts(queue)).succeeded()).isOne();
    }

    @Test
    void a_worker_with_slots_left_goes_on_waiting() {
        offering(1, false);

        enqueue(fresh());

        assertThat(get(answer).claims()).hasSize(1);
        assertThat(waiting()).containsExactly("w1");
    }

    @Test
    void what_the_worker_has_no_slot_for_is_ready_in_order() {
        offering(2, true);
        List<NewJob> jobs = IntStream.range(0, 5).mapToObj(i -> fresh()).toList();

        enqueue(jobs.toArray(NewJob[]::new));

        assertThat(get(answer).claims()).extracting(Claim::id).isEqualTo(ids(jobs.subList(0, 2)));
        assertThat(probe.redis().lrange(RedisProbe.key(queue, "ready"), 0, -1)).isEqualTo(ids(jobs.subList(2, 5)));
    }

    @Test
    void nothing_overtakes_what_waits() {
        enqueue(fresh());
        offering(1, true);

        assertThatNothingIsHandedOver(fresh());
    }

    @Test
    void nothing_overtakes_what_is_due() {
        enqueue(fresh().after(1));
        probe.letPass(Duration.ofMillis(5));
        offering(1, true);

        assertThatNothingIsHandedOver(fresh());
    }

    @Test
    void nothing_starts_in_a_paused_queue() {
        get(broker.operations().pause(queue));
        offering(1, true);

        assertThatNothingIsHandedOver(fresh());
    }

    @Test
    void nothing_passes_by_a_limit() {
        get(broker.limits().limit(queue, LimitScope.QUEUE, Limits.NONE.with(Limit.concurrency(1))));
        offering(1, true);

        assertThatNothingIsHandedOver(fresh());
    }

    @Test
    void an_id_that_came_from_elsewhere_is_not_handed_over() {
        offering(1, true);

        enqueue(NewJob.now(IDS.next(), BODY, 4));

        assertThat(answer).as("nobody was asked").isNotDone();
    }

    @Test
    void an_offer_that_throws_does_not_fail_the_producer() {
        listen(jobs -> {
            throw new IllegalStateException("defect of a worker");
        });
        NewJob job = fresh();

        assertThat(enqueue(job)).containsExactly(EnqueueReply.ACCEPTED);

        assertThat(probe.places(queue)).containsEntry(job.id(), Set.of(JobState.READY));
    }

    @Test
    void an_answer_that_is_thrown_out_does_not_fail_the_producer() {
        listen(jobs -> new ClaimOffer(request(1), false, (reply, failure) -> {
            throw new IllegalStateException("defect of a worker");
        }));
        NewJob job = fresh();

        assertThat(enqueue(job)).containsExactly(EnqueueReply.ACCEPTED);

        assertThat(probe.places(queue)).containsEntry(job.id(), Set.of(JobState.ACTIVE));
    }

    /** Otherwise the slots that the worker holds for it would never be free again. */
    @Test
    void an_offer_that_could_not_be_sent_is_answered() {
        ClaimRequest unsendable = new ClaimRequest("w1", "no {token}\n", 1, LEASE_MILLIS);
        listen(jobs -> new ClaimOffer(unsendable, false, (reply, failure) -> answer.completeExceptionally(failure)));

        assertThatThrownBy(() -> enqueue(fresh())).hasMessageContaining("lease token");

        assertThat(answer).isCompletedExceptionally();
    }

    @Test
    void an_offer_to_take_more_than_there_is_loses_nothing() {
        offering(5, false, 5);
        NewJob job = fresh();

        assertThatNothingIsHandedOver(job);
    }

    private void assertThatNothingIsHandedOver(NewJob job) {
        enqueue(job);
        assertThat(get(answer)).isEqualTo(ClaimReply.EMPTY);
        assertThat(probe.places(queue)).containsEntry(job.id(), Set.of(JobState.READY));
    }

    /** From now on a worker offers to take so many. */
    private void offering(int slots, boolean isFullThen) {
        offering(slots, isFullThen, 1);
    }

    private void offering(int slots, boolean isFullThen, int least) {
        listen(jobs -> {
            ClaimRequest request = request(Math.max(least, Math.min(slots, jobs)));
            return new ClaimOffer(request, isFullThen, (reply, failure) -> {
                if (failure != null) {
                    answer.completeExceptionally(failure);
                } else {
                    answer.complete(reply);
                }
            });
        });
    }

    private static ClaimRequest request(int limit) {
        return new ClaimRequest("w1", "token", limit, LEASE_MILLIS);
    }

    private void listen(IntFunction<ClaimOffer> offers) {
        broker.listen("w1", Set.of(queue), new BrokerListener() {
            @Override
            public void ready(String name) {}

            @Override
            public void finished(String name, String id) {}

            @Override
            public void cancelRequested(String name, String id) {}

            @Override
            public @Nullable ClaimOffer offer(String name, int jobs) {
                return offers.apply(jobs);
            }
        });
    }

    private List<EnqueueReply> enqueue(NewJob... jobs) {
        return get(broker.enqueue(queue, List.of(jobs)));
    }

    private static NewJob fresh() {
        return NewJob.now(IDS.next(), BODY, 4).withNewId();
    }

    private static List<String> ids(List<NewJob> jobs) {
        return jobs.stream().map(NewJob::id).toList();
    }

    private List<String> waiting() {
        return probe.redis().zrange(RedisProbe.key(queue, "waiting"), 0, -1);
    }

    private static <V> V get(CompletableFuture<V> future) {
        return future.orTimeout(20, TimeUnit.SECONDS).join();
    }
}
