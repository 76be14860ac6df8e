package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static io.tidemill.workflow.Workflow.chain;
import static io.tidemill.workflow.Workflow.workflow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.admin.Explanation;
import io.tidemill.queue.WorkflowState;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskSignal;
import io.tidemill.test.Waits;
import io.tidemill.workflow.Step;
import io.tidemill.workflow.StepProgress;
import io.tidemill.workflow.Workflow;
import io.tidemill.workflow.WorkflowFailedException;
import io.tidemill.workflow.WorkflowHandle;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link WorkflowContract}. What is done when a workflow ends: compensations and callbacks. */
public abstract class WorkflowEndsContract extends WorkflowAddedContract {

    /** Tasks that book a journey, and that undo that. */
    public static class Journeys {

        final List<String> ran = new CopyOnWriteArrayList<>();
        /** What cannot be booked or undone. */
        final Set<String> broken = new ConcurrentSkipListSet<>();

        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch gate = new CountDownLatch(1);

        @Task(queue = "orders", retry = @Retry(maxAttempts = 1))
        public String book(String what) {
            return done("book " + what, what);
        }

        @Task(queue = "stock", retry = @Retry(maxAttempts = 1))
        public String bookMore(String before, String what) {
            return done("book " + what + " behind " + before, what);
        }

        @Task(queue = "orders")
        public String bookSlowly(String what) throws InterruptedException {
            begun.countDown();
            gate.await();
            return done("book " + what, what);
        }

        /** Not before the slow one has begun. */
        @Task(queue = "orders", retry = @Retry(maxAttempts = 1))
        public String bookWhileSlow(String what) throws InterruptedException {
            begun.await();
            return done("book " + what, what);
        }

        @Task(queue = "stock", retry = @Retry(maxAttempts = 1))
        public void undo(String what) {
            done("undo " + what, what);
        }

        @Task(queue = "orders")
        public void tell(String what) {
            ran.add("tell " + what);
        }

        private String done(String text, String what) {
            if (broken.contains(text.split(" ", 2)[0] + " " + what)) {
                throw new TaskSignal.GiveUp("no " + what);
            }
            ran.add(text);
            return what;
        }
    }

    final Journeys journeys = new Journeys();

    private static Workflow<String> journey() {
        return workflow("journey", w -> {
            Step<String> flight = w.step(call(Journeys::book, "flight")).compensateWith(Journeys::undo);
            Step<String> hotel =
                    flight.then(Journeys::bookMore, "hotel").named("hotel").compensateWith(Journeys::undo);
            return hotel.then(Journeys::bookMore, "car").named("car").compensateWith(call(Journeys::undo, "the car"));
        });
    }

    @Nested
    class A_compensation {

        @Test
        void undoes_what_has_succeeded_in_the_reverse_order() {
            TaskQueue queue = queueWith(journeys);
            journeys.broken.add("book car");
            WorkflowHandle<String> handle = queue.start(journey());
            assertThatThrownBy(() -> handle.await(SOON))
                    .isInstanceOfSatisfying(WorkflowFailedException.class, failed -> {
                        assertThat(failed.step()).isEqualTo("car");
                        assertThat(failed.compensation())
                                .isEqualTo(new WorkflowFailedException.Compensation(
                                        List.of("hotel", "book"), List.of(), null));
                    })
                    .hasMessageContaining("no car")
                    .hasMessageEndingWith("; compensated: hotel, book");
            assertThat(journeys.ran)
                    .containsExactly("book flight", "book hotel behind flight", "undo hotel", "undo flight");
            assertThat(handle.state()).contains(WorkflowState.FAILED);
            assertThat(handle.cancel()).isFalse();
            assertThatThrownBy(handle::retry)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("were compensated; start it anew");
        }

        @Test
        void is_not_run_if_the_workflow_succeeds() throws Exception {
            TaskQueue queue = queueWith(journeys);
            assertThat(queue.start(journey()).await(SOON)).isEqualTo("car");
            assertThat(journeys.ran)
                    .containsExactly("book flight", "book hotel behind flight", "book car behind hotel");
            assertThat(queue.start(chain(call(Journeys::book, "a")).compensateWith(Journeys::undo))
                            .await(SOON))
                    .isEqualTo("a");
        }

        @Test
        void of_nothing_lets_the_workflow_fail() {
            TaskQueue queue = queueWith(journeys);
            journeys.broken.add("book flight");
            assertThatThrownBy(() -> queue.start(journey()).await(SOON))
                    .isInstanceOf(WorkflowFailedException.class)
                    .hasMessageEndingWith("; compensated: nothing");
            assertThat(journeys.ran).isEmpty();
        }

        @Test
        void waits_for_steps_that_run_and_lets_none_begin() throws Exception {
            TaskQueue queue = queueWith(journeys);
            journeys.broken.add("book car");
            WorkflowHandle<?> handle = queue.start(workflow("two branches", w -> {
                Step<String> slow = w.step(call(Journeys::bookSlowly, "ship")).compensateWith(Journeys::undo);
                Step<String> more = slow.then(Journeys::bookMore, "cabin").compensateWith(Journeys::undo);
                Step<String> later = w.step(call(Journeys::book, "guide").delay(Duration.ofHours(1)))
                        .compensateWith(Journeys::undo);
                Step<String> answer = w.signal("answer", String.class, Duration.ofDays(1));
                Step<String> dies = w.step(call(Journeys::bookWhileSlow, "car"));
                return w.all(more, later, dies, answer);
            }));
            journeys.begun.await();
            Waits.until(
                    "it compensates",
                    () -> handle.state()
                            .filter(WorkflowState.COMPENSATING::equals)
                            .isPresent());
            assertThat(handle.cancel()).isFalse();
            journeys.gate.countDown();
            assertThatThrownBy(() -> handle.await(SOON))
                    .isInstanceOf(WorkflowFailedException.class)
                    .hasMessageEndingWith("; compensated: bookSlowly");
            assertThat(journeys.ran).containsExactly("book ship", "undo ship");
        }

        @Test
        void that_dies_is_visible_and_a_retry_undoes_the_rest() {
            TaskQueue queue = queueWith(journeys);
            journeys.broken.addAll(Set.of("book car", "undo hotel"));
            WorkflowHandle<String> handle = queue.start(journey());
            String job = handle.id() + ":10101";
            assertThatThrownBy(() -> handle.await(SOON))
                    .isInstanceOfSatisfying(
                            WorkflowFailedException.class,
                            failed -> assertThat(failed.compensation())
                                    .isEqualTo(new WorkflowFailedException.Compensation(
                                            List.of(), List.of("hotel", "book"), job)))
                    .hasMessageContaining("no car")
                    .hasMessageContaining("not compensated: hotel, book, as job " + job);
            assertThat(queue.admin().explain("stock", job)).isInstanceOf(Explanation.Dead.class);

            journeys.broken.clear();
            assertThat(handle.retry()).isEqualTo(1);
            assertThatThrownBy(() -> handle.await(SOON)).hasMessageEndingWith("; compensated: hotel, book");
            assertThat(journeys.ran)
                    .containsExactly("book flight", "book hotel behind flight", "undo hotel", "undo flight");
        }

        @Test
        void of_a_map_takes_the_list_of_what_its_elements_gave() {
            TaskQueue queue = queueWith(shop);
            WorkflowHandle<?> handle = queue.start(workflow(
                    "elements",
                    w -> w.map(Shop::onlyEven, w.step(call(Shop::upTo, 5)))
                            .named("even")
                            .compensateWith(Shop::forgetAll)));
            assertThatThrownBy(() -> handle.await(SOON)).hasMessageEndingWith("; compensated: even list");
            // Elements that had not begun when another died were not run.
            assertThat(shop.ran).singleElement().asString().matches("forget \\[[024, ]*]");
        }

        @Test
        void is_refused_where_the_workflow_goes_on_without_failed_steps() {
            TaskQueue queue = queueWith(journeys);
            assertThatThrownBy(() -> queue.start(journey().continueOnFailure()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("goes on without failed steps");
            assertThatThrownBy(() -> chain(call(Journeys::book, "a"))
                            .compensateWith(Journeys::undo)
                            .compensateWith(call(Journeys::undo, "b")))
                    .hasMessageContaining("has a call that compensates it: undo");
        }
    }

    @Nested
    class A_callback {

        private Workflow<String> told(Workflow<String> workflow) {
            return workflow.onSuccess(call(Journeys::tell, "success"))
                    .onFailure(call(Journeys::tell, "failure"))
                    .onCompletion(call(Journeys::undo, "everything"));
        }

        private void awaitRan(String... last) {
            Waits.until("the callbacks have run", () -> journeys.ran.containsAll(List.of(last)));
        }

        @Test
        void is_enqueued_when_the_workflow_succeeds() throws Exception {
            TaskQueue queue = queueWith(journeys);
            WorkflowHandle<String> handle = queue.start(told(chain(call(Journeys::book, "flight"))));
            assertThat(handle.await(SOON)).isEqualTo("flight");
            awaitRan("tell success", "undo everything");
            assertThat(journeys.ran).containsExactlyInAnyOrder("book flight", "tell success", "undo everything");
            assertThat(handle.progress()).filteredOn(step -> !step.isDone()).isEmpty();
            assertThat(handle.progress()).extracting(StepProgress::name).contains("book");
        }

        @Test
        void is_enqueued_when_the_workflow_fails_and_at_its_other_end_when_it_goes_on() throws Exception {
            TaskQueue queue = queueWith(journeys);
            journeys.broken.add("book flight");
            WorkflowHandle<String> handle = queue.start(told(chain(call(Journeys::book, "flight"))));
            assertThatThrownBy(() -> handle.await(SOON)).isInstanceOf(WorkflowFailedException.class);
            awaitRan("tell failure", "undo everything");
            assertThat(journeys.ran).containsExactlyInAnyOrder("tell failure", "undo everything");

            journeys.broken.clear();
            handle.retry();
            assertThat(handle.await(SOON)).isEqualTo("flight");
            awaitRan("tell success");
            Waits.until(
                    "it has been completed twice",
                    () -> journeys.ran.stream()
                                    .filter("undo everything"::equals)
                                    .count()
                            == 2);
        }

        @Test
        void is_enqueued_when_all_is_compensated() {
            TaskQueue queue = queueWith(journeys);
            journeys.broken.add("book car");
            WorkflowHandle<String> handle = queue.start(told(journey()));
            assertThatThrownBy(() -> handle.await(SOON)).isInstanceOf(WorkflowFailedException.class);
            awaitRan("tell failure", "undo everything");
            assertThat(journeys.ran.subList(2, 4)).containsExactly("undo hotel", "undo flight");
            assertThat(journeys.ran).hasSize(6);
        }

        @Test
        void of_a_part_of_another_workflow_is_refused() {
            assertThatThrownBy(() -> workflow("whole", w -> w.include("part", told(journey()))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("cannot be a part of another one with choices of its own");
        }
    }
}
