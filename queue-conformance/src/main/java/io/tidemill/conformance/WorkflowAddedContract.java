package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static io.tidemill.workflow.Workflow.chain;
import static io.tidemill.workflow.Workflow.group;
import static io.tidemill.workflow.Workflow.workflow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.QueueClient;
import io.tidemill.TaskQueue;
import io.tidemill.message.AesGcmSeal;
import io.tidemill.queue.QueueCounts;
import io.tidemill.queue.WorkflowState;
import io.tidemill.task.JobState;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskSignal;
import io.tidemill.test.Waits;
import io.tidemill.workflow.Step;
import io.tidemill.workflow.StepProgress;
import io.tidemill.workflow.Workflow;
import io.tidemill.workflow.WorkflowCancelledException;
import io.tidemill.workflow.WorkflowFailedException;
import io.tidemill.workflow.WorkflowHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link WorkflowContract}. Steps that add steps to their workflow while it runs. */
public abstract class WorkflowAddedContract extends WorkflowMapsContract {

    /** Tasks that find out while they run what is to be done. */
    public static class Crawler {

        private final AtomicReference<QueueClient> client = new AtomicReference<>();
        final List<String> seen = new CopyOnWriteArrayList<>();
        volatile boolean isDown;

        private QueueClient client() {
            return Objects.requireNonNull(client.get());
        }

        @Task(queue = "orders")
        public int spread(int pages) {
            for (int i = 0; i < pages; i++) {
                client().addStep(i % 2 == 0 ? call(Crawler::visit, "page " + i) : call(Crawler::fetch, "page " + i));
            }
            return pages;
        }

        @Task(queue = "orders")
        public void halve(int pages) {
            seen.add("" + pages);
            if (pages > 1) {
                client().addStep(call(Crawler::halve, pages / 2));
                client().addStep(call(Crawler::halve, pages / 2));
            }
        }

        @Task(queue = "stock")
        public String visit(String page) {
            if (isDown) {
                throw new TaskSignal.GiveUp("no answer of " + page);
            }
            seen.add(page);
            return page;
        }

        @Task(queue = "orders")
        public String fetch(String page) {
            seen.add(page);
            return page;
        }

        @Task(queue = "orders", retry = @Retry(maxAttempts = 3, delay = "1ms", maxDelay = "1ms"))
        public void addThenFail() {
            int attempt = TaskContext.current().attempt();
            client().addStep(call(Crawler::visit, "added by run " + attempt));
            if (attempt == 1) {
                throw new IllegalStateException("this run fails");
            }
        }

        @Task(queue = "orders")
        public String addInsideDurableStep() {
            TaskContext.current().step("pages", () -> {
                try {
                    client().addStep(call(Crawler::visit, "lost"));
                } catch (IllegalStateException e) {
                    seen.add(e.getMessage());
                }
            });
            client().addStep(call(Crawler::visit, "behind"));
            return "done";
        }

        @Task(queue = "orders")
        public int addGraph(int first) {
            client().addSteps(workflow("graph", w -> {
                Step<List<Integer>> numbers = w.step(call(Crawler::upTo, first));
                return w.step(Crawler::noteSum, w.map(Crawler::twice, numbers));
            }));
            client().addSteps(group(List.of()));
            return first;
        }

        @Task(queue = "stock")
        public List<Integer> upTo(int most) {
            List<Integer> all = new ArrayList<>();
            for (int i = 1; i <= most; i++) {
                all.add(i);
            }
            return all;
        }

        @Task(queue = "orders")
        public int twice(int value) {
            return 2 * value;
        }

        @Task(queue = "stock")
        public void noteSum(List<Integer> all) {
            seen.add("sum " + all.stream().mapToInt(Integer::intValue).sum());
        }

        @Task(queue = "orders")
        public String report(int pages) {
            return pages + " of " + seen.size();
        }

        @Task(queue = "orders")
        public void addLater(int days) {
            client().addSteps(chain(call(Crawler::visit, "later").delay(Duration.ofDays(days)))
                    .then(Crawler::note));
        }

        @Task(queue = "stock")
        public void note(String text) {
            seen.add("noted " + text);
        }

        @Task(queue = "orders")
        public void undo(int pages) {
            seen.add("undone " + pages);
        }

        @Task(queue = "orders")
        public void tryToAdd(int value) {
            try {
                client().addStep(call(Crawler::visit, "never"));
            } catch (IllegalStateException e) {
                seen.add(String.valueOf(e.getMessage()));
            }
        }

        @Task(queue = "orders")
        public void addWhatCannotBe() {
            for (Workflow<?> each : List.<Workflow<?>>of(
                    workflow("signal", w -> w.signal("answer", String.class, Duration.ofDays(1))),
                    chain(call(Crawler::spread, 1)).compensateWith(Crawler::undo),
                    chain(call(Crawler::spread, 1)).continueOnFailure())) {
                try {
                    client().addSteps(each);
                } catch (IllegalArgumentException e) {
                    seen.add(String.valueOf(e.getMessage()));
                }
            }
        }
    }

    final Crawler crawler = new Crawler();

    private TaskQueue crawling() {
        return known(queueWith(crawler));
    }

    private TaskQueue known(TaskQueue queue) {
        crawler.client.set(queue);
        return queue;
    }

    @Nested
    class A_step_that_was_added {

        @Test
        void is_waited_for_by_what_follows_on_the_step_that_added_it() throws Exception {
            TaskQueue queue = crawling();
            assertThat(queue.start(chain(call(Crawler::spread, 5)).then(Crawler::report))
                            .await(SOON))
                    .isEqualTo("5 of 5");
            assertThat(crawler.seen).containsExactlyInAnyOrder("page 0", "page 1", "page 2", "page 3", "page 4");
        }

        @Test
        void may_add_more_and_the_end_of_the_workflow_waits_for_all() throws Exception {
            TaskQueue queue = crawling();
            queue.start(chain(call(Crawler::halve, 8))).await(SOON);
            assertThat(crawler.seen).hasSize(15);
        }

        @Test
        void may_be_a_graph_with_a_map() throws Exception {
            TaskQueue queue = crawling();
            assertThat(queue.start(chain(call(Crawler::addGraph, 4)).then(Crawler::report))
                            .await(SOON))
                    .isEqualTo("4 of 1");
            assertThat(crawler.seen).containsExactly("sum 20");
        }

        @Test
        void is_not_added_by_a_run_that_fails() throws Exception {
            TaskQueue queue = crawling();
            queue.start(chain(call(Crawler::addThenFail))).await(SOON);
            assertThat(crawler.seen).containsExactly("added by run 2");
        }

        @Test
        void is_not_added_inside_a_durable_step_since_a_later_run_would_not_add_it() throws Exception {
            TaskQueue queue = crawling();

            assertThat(queue.start(chain(call(Crawler::addInsideDurableStep))).await(SOON))
                    .isEqualTo("done");

            assertThat(crawler.seen).hasSize(2);
            assertThat(crawler.seen.get(0)).contains("adds steps inside its durable step \"pages\"");
            assertThat(crawler.seen.get(1)).isEqualTo("behind");
        }

        @Test
        void makes_the_workflow_fail_and_is_redriven_by_a_retry() throws Exception {
            TaskQueue queue = crawling();
            crawler.isDown = true;
            WorkflowHandle<String> handle =
                    queue.start(chain(call(Crawler::spread, 2)).then(Crawler::report));
            assertThatThrownBy(() -> handle.await(SOON))
                    .isInstanceOf(WorkflowFailedException.class)
                    .hasMessageContaining("no answer of page 0");
            Waits.until("the other one has ended", () -> crawler.seen.equals(List.of("page 1")));
            assertThat(handle.progress())
                    .filteredOn(step -> step.state() == JobState.DEAD)
                    .extracting(StepProgress::name)
                    .containsExactly("spread/visit");
            assertThat(handle.progress())
                    .filteredOn(step -> step.name().equals("report"))
                    .extracting(StepProgress::state)
                    .containsOnlyNulls();

            crawler.isDown = false;
            assertThat(handle.retry()).isEqualTo(1);
            assertThat(handle.await(SOON)).isEqualTo("2 of 2");
        }

        @Test
        void is_gone_on_without_where_the_workflow_does_that() throws Exception {
            TaskQueue queue = crawling();
            crawler.isDown = true;
            assertThat(queue.start(chain(call(Crawler::spread, 2))
                                    .then(Crawler::report)
                                    .continueOnFailure())
                            .await(SOON))
                    .isEqualTo("2 of 1");
        }

        @Test
        void that_dies_lets_the_step_be_undone_that_added_it() {
            TaskQueue queue = crawling();
            crawler.isDown = true;
            WorkflowHandle<?> handle =
                    queue.start(chain(call(Crawler::spread, 1)).compensateWith(Crawler::undo));
            assertThatThrownBy(() -> handle.await(SOON)).isInstanceOf(WorkflowFailedException.class);
            assertThat(crawler.seen).containsExactly("undone 1");
        }

        @Test
        void is_cancelled_with_its_workflow() throws Exception {
            TaskQueue queue = crawling();
            WorkflowHandle<?> handle =
                    queue.start(chain(call(Crawler::addLater, 9)).thenRun(call(Crawler::visit, "never")));
            Waits.until("it waits", () -> queue.admin().counts("stock").scheduled() == 1);
            assertThat(handle.cancel()).isTrue();
            assertThatThrownBy(() -> handle.await(SOON)).isInstanceOf(WorkflowCancelledException.class);
            Waits.until(
                    "nothing is left",
                    () -> left(queue.admin().counts("orders"))
                                    + left(queue.admin().counts("stock"))
                            == 0);
            assertThat(crawler.seen).isEmpty();
        }

        @Test
        void that_is_cancelled_alone_lets_nothing_wait() throws Exception {
            TaskQueue queue = crawling();
            WorkflowHandle<?> handle =
                    queue.start(chain(call(Crawler::addLater, 9)).thenRun(call(Crawler::visit, "never")));
            Waits.until("it waits", () -> queue.admin().counts("stock").scheduled() == 1);
            StepProgress later = handle.progress().stream()
                    .filter(step -> step.name().equals("addLater/visit"))
                    .findFirst()
                    .orElseThrow();
            queue.admin().cancel(later.queue(), later.job());
            assertThatThrownBy(() -> handle.await(SOON)).isInstanceOf(WorkflowFailedException.class);
            Waits.until(
                    "nothing is left",
                    () -> left(queue.admin().counts("orders"))
                                    + left(queue.admin().counts("stock"))
                            == 0);
            assertThat(handle.state()).contains(WorkflowState.FAILED);
        }

        private static long left(QueueCounts counts) {
            return counts.ready() + counts.scheduled() + counts.waiting() + counts.active();
        }

        @Test
        void may_be_sealed() throws Exception {
            TaskQueue queue =
                    known(start(builder(crawler).seal(AesGcmSeal.of("k", new SecretKeySpec(new byte[32], "AES")))));
            assertThat(queue.start(chain(call(Crawler::spread, 3)).then(Crawler::report))
                            .await(SOON))
                    .isEqualTo("3 of 3");
        }

        @Test
        void cannot_be_added_by_what_is_no_step_or_is_not_waited_for_alone() throws Exception {
            TaskQueue queue = crawling();
            queue.enqueue(call(Crawler::tryToAdd, 1)).await(SOON);
            assertThat(crawler.seen).hasSize(1).first().asString().contains("is no step of a workflow");
            queue.start(workflow("map", w -> w.map(Crawler::tryToAdd, w.step(call(Crawler::upTo, 1)))))
                    .await(SOON);
            assertThat(crawler.seen).hasSize(2).last().asString().contains("is an element of a map");
            assertThatThrownBy(() -> queue.addStep(call(Crawler::visit, "never")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("no job runs on thread");
        }

        @Test
        void cannot_wait_for_signals_or_choose_for_the_whole() throws Exception {
            TaskQueue queue = crawling();
            queue.start(chain(call(Crawler::addWhatCannotBe))).await(SOON);
            assertThat(crawler.seen)
                    .satisfiesExactly(
                            first -> assertThat(first).contains("cannot wait for signals"),
                            second -> assertThat(second).contains("cannot have compensations"),
                            third -> assertThat(third).contains("choices of its own"));
        }
    }
}
