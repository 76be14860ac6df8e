package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.client.BulkException;
import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import io.tidemill.task.BrokerException;
import io.tidemill.task.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How many calls at once are cut into slices, seen from the broker. */
class BulkTest {

    private final List<List<NewJob>> slices = new ArrayList<>();
    private int failAt = -1;
    private String refusing = "";
    private String unanswering = "";

    private final TaskQueue queue = TaskQueue.builder()
            .broker(new DelegatingBroker(new MemoryBroker()) {
                @Override
                public CompletableFuture<List<EnqueueReply>> enqueue(String name, List<NewJob> jobs) {
                    if (name.equals(refusing)) {
                        return CompletableFuture.failedFuture(
                                new BrokerException(BrokerException.Outcome.REFUSED, "no room", null));
                    }
                    if (slices.size() == failAt || name.equals(unanswering)) {
                        return CompletableFuture.failedFuture(
                                new BrokerException(BrokerException.Outcome.UNKNOWN, "no answer", null));
                    }
                    slices.add(jobs);
                    return super.enqueue(name, jobs);
                }
            })
            .start();

    /** A task. */
    public static final class Notes {
        @Task
        public void note(String text) {}
    }

    private static Call<Void> note(int length) {
        return call(Notes::note, "x".repeat(length));
    }

    @Test
    void a_slice_is_full_at_a_thousand_calls() {
        queue.enqueueAll(IntStream.range(0, 2001).mapToObj(i -> note(1)).toList());

        assertThat(slices).extracting(List::size).containsExactly(1000, 1000, 1);
    }

    @Test
    void a_slice_is_full_at_a_mebibyte() {
        queue.enqueueAll(IntStream.range(0, 7).mapToObj(i -> note(250_000)).toList());

        assertThat(slices).extracting(List::size).containsExactly(4, 3);
    }

    @Test
    void the_queues_of_a_slice_get_a_part_each_and_handles_stay_in_order() {
        List<Call<Void>> calls = IntStream.range(0, 10)
                .mapToObj(i -> note(1).queue("q" + i % 2).id("job" + i))
                .toList();

        List<JobHandle<Void>> handles = queue.enqueueAll(calls);

        assertThat(slices).extracting(List::size).containsExactly(5, 5);
        assertThat(handles)
                .extracting(JobHandle::id)
                .containsExactly(IntStream.range(0, 10).mapToObj(i -> "job" + i).toArray(String[]::new));
        assertThat(handles.get(3).queue()).isEqualTo("q1");
    }

    @Test
    void a_broker_that_fails_ends_it_and_the_exception_says_where_to_go_on() {
        failAt = 2;

        assertThatThrownBy(() -> queue.enqueueAll(
                        IntStream.range(0, 5000).mapToObj(i -> note(1)).toList()))
                .isInstanceOfSatisfying(BulkException.class, e -> {
                    assertThat(e.index()).isEqualTo(2000);
                    assertThat(e.done()).isEqualTo(2000);
                })
                .hasMessage("calls 2000 to 2999: no answer; calls 0 to 1999 are done, these may be, none after")
                .hasCauseInstanceOf(BrokerException.class);
        assertThat(slices).hasSize(2);
    }

    @Test
    void what_one_queue_has_taken_is_not_sent_again_because_another_refused() throws Exception {
        List<Call<Void>> calls = IntStream.range(0, 6)
                .mapToObj(i -> note(1).queue("q" + i % 3).id("job" + i))
                .toList();
        refusing = "q1";
        unanswering = "q2";
        List<String> handles = new ArrayList<>();
        BulkException[] told = new BulkException[1];

        assertThatThrownBy(() -> queue.enqueueAll(calls.stream(), handle -> handles.add(handle.id())))
                .isInstanceOfSatisfying(BulkException.class, e -> told[0] = e)
                .hasMessage("calls 0 to 5: no answer; no call before was sent, of these queue q0 has taken its jobs,"
                        + " queue q1 has refused its jobs, queue q2 may have taken its jobs, none after");

        assertThat(told[0].queues())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "q0", BulkException.Part.STORED,
                        "q1", BulkException.Part.REFUSED,
                        "q2", BulkException.Part.UNKNOWN));
        assertThat(told[0].index()).isEqualTo(1);
        assertThat(told[0].done()).isEqualTo(1);
        assertThat(handles).as("told of what is stored").containsExactly("job0", "job3");
        List<Call<Void>> remaining = told[0].remaining(calls);
        assertThat(remaining).containsExactly(calls.get(1), calls.get(2), calls.get(4), calls.get(5));

        refusing = "";
        unanswering = "";
        queue.enqueueAll(remaining.stream(), handle -> handles.add(handle.id()));
        assertThat(handles).containsExactly("job0", "job3", "job1", "job2", "job4", "job5");
    }

    @Test
    void a_slice_that_its_only_queue_refused_is_not_stored() {
        refusing = "default";

        assertThatThrownBy(() -> queue.enqueueAll(List.of(note(1), note(1))))
                .hasMessage("calls 0 to 1: no room; no call before was sent, none of these, none after");
    }

    @Test
    void a_stream_that_throws_is_told_with_its_place() {
        Stream<Call<Void>> calls = IntStream.range(0, 10).mapToObj(i -> {
            if (i == 7) {
                throw new IllegalStateException("no more rows");
            }
            return note(1);
        });

        assertThatThrownBy(() -> queue.enqueueAll(calls))
                .isInstanceOf(BulkException.class)
                .hasMessage("call 7: no more rows; no call before was sent, none after");
        assertThat(slices).isEmpty();
    }

    @Test
    void nothing_at_all_is_fine() {
        assertThat(queue.enqueueAll(List.of())).isEmpty();
        assertThat(slices).isEmpty();
    }
}
