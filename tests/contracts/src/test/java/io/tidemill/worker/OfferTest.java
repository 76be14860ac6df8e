package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimOffer;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.NewJob;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.BrokerException;
import io.tidemill.task.BrokerException.Outcome;
import io.tidemill.worker.GatedBroker.Call;
import io.tidemill.worker.GatedBroker.Hop;
import io.tidemill.worker.GatedBroker.Mode;
import io.tidemill.worker.WorkerHarness.Gate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An idle worker offers to run what its own process is about to store, and gets it without a claim. */
class OfferTest {

    private final WorkerHarness engine = new WorkerHarness();

    @AfterEach
    void close() {
        engine.close();
    }

    private ClaimOffer offer(int jobs) {
        return engine.broker.listener().offer(WorkerHarness.QUEUE, jobs);
    }

    /** What a broker does with an offer that it takes. */
    private ClaimReply handOver(ClaimOffer offer) {
        return engine.memory.claim(WorkerHarness.QUEUE, offer.request()).join();
    }

    /** The same with a job that nobody is told of. */
    private ClaimReply handOver(ClaimOffer offer, String id) {
        NewJob job = WorkerHarness.job(id, "run");
        Claim claim = new Claim(id, offer.request().token(), job.body(), job.priority(), 0, 0, 0);
        return new ClaimReply(List.of(claim), ClaimReply.NOTHING_MORE);
    }

    @Test
    void what_is_handed_over_runs_without_a_claim() throws Exception {
        Worker worker = engine.started(3);
        engine.broker.forget();
        Gate gate = engine.gate("job");

        ClaimOffer offer = offer(1);
        assertThat(offer.request().limit()).isOne();
        assertThat(offer.endsWaiting()).isFalse();
        assertThat(worker.inUse()).as("a slot is kept for it").isOne();
        engine.enqueue("job");
        offer.answer(handOver(offer), null);

        gate.awaitBegun();
        // A claim that is on its way holds slots, too.
        engine.settle();
        assertThat(worker.inUse()).isOne();
        gate.open();
        engine.events.await(QueueEvent.Succeeded.class, 1);
        WorkerHarness.awaitFree(worker);
        assertThat(engine.events.events(QueueEvent.Started.class)).hasSize(1);
    }

    @Test
    void no_more_is_offered_than_there_are_slots_and_the_broker_hears_that_none_is_left() {
        engine.started(3);

        ClaimOffer offer = offer(10);

        assertThat(offer.request().limit()).isEqualTo(3);
        assertThat(offer.endsWaiting()).isTrue();
        assertThat(offer(1)).as("one offer at a time").isNull();
        offer.answer(ClaimReply.EMPTY, null);
    }

    @Test
    void an_offer_that_is_not_taken_gives_the_slots_back_and_is_not_made_again_before_a_claim_found_nothing() {
        Worker worker = engine.started(3);

        offer(2).answer(ClaimReply.EMPTY, null);

        assertThat(worker.inUse()).isZero();
        assertThat(offer(2)).as("something waits, or is held up").isNull();
        engine.advance(Duration.ofMinutes(1));
        ClaimOffer again = offer(2);
        assertThat(again).as("after the next look").isNotNull();
        again.answer(ClaimReply.EMPTY, null);
    }

    @Test
    void a_worker_that_is_looking_itself_offers_nothing() {
        engine.started(3);
        engine.broker.set(Hop.CLAIM, Mode.HOLD);
        engine.broker.forget();
        engine.broker.listener().ready(WorkerHarness.QUEUE);
        Call claim = engine.broker.await(Hop.CLAIM, 1);

        assertThat(offer(1)).isNull();

        engine.broker.set(Hop.CLAIM, Mode.PASS);
        claim.letGo();
    }

    @Test
    void an_answer_that_was_lost_is_asked_for_with_the_same_token() throws Exception {
        Worker worker = engine.started(3);
        engine.broker.forget();
        ClaimOffer offer = offer(1);
        engine.enqueue("job");
        handOver(offer);

        offer.answer(null, new BrokerException(Outcome.UNKNOWN, "the answer is lost", null));
        engine.advance(Duration.ofSeconds(1));

        engine.events.await(QueueEvent.Succeeded.class, 1);
        assertThat(engine.broker.calls(Hop.CLAIM))
                .anyMatch(claim -> claim.claim.token().equals(offer.request().token()));
        WorkerHarness.awaitFree(worker);
    }

    /** The broker takes a worker that is full out of those that wait; nobody else would tell it of new jobs. */
    @Test
    void a_slot_that_comes_free_while_the_last_one_is_offered_is_looked_after() throws Exception {
        engine.started(2);
        Gate first = engine.gate("first");
        Gate second = engine.gate("second");
        engine.enqueue("first");
        first.awaitBegun();
        engine.settle();
        ClaimOffer offer = offer(1);
        assertThat(offer.endsWaiting()).isTrue();
        first.open();
        engine.events.await(QueueEvent.Succeeded.class, 1);
        engine.settle();
        engine.broker.forget();

        ClaimReply handed = handOver(offer, "second");
        offer.answer(handed, null);

        second.awaitBegun();
        engine.broker.await(Hop.CLAIM, 1);
        second.open();
    }

    @Test
    void jobs_that_were_refused_give_the_slots_back() {
        Worker worker = engine.started(3);

        offer(2).answer(null, new BrokerException(Outcome.REFUSED, "it is full", null));

        assertThat(worker.inUse()).isZero();
        assertThat(offer(1)).isNotNull().satisfies(offer -> offer.answer(ClaimReply.EMPTY, null));
    }

    @Test
    void a_worker_that_is_closed_offers_nothing() {
        Worker worker = engine.started(3);
        worker.stop();

        assertThat(offer(1)).isNull();
    }
}
