package io.tidemill.test;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.broker.BrokerException;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.client.BulkException;
import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import io.tidemill.task.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How many calls at once are cut into slices, seen from the broker. */
class BulkTest {

    private final List<List<NewJob>> slices = new ArrayList<>();
    private int failAt = -1;

    private final TaskQueue queue = TaskQueue.builder()
            .broker(new DelegatingBroker(new MemoryBroker()) {
                @Override
                public CompletableFuture<List<EnqueueReply>> enqueue(String name, List<NewJob> jobs) {
                    if (slices.size() == failAt) {
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

        List<JobHandle<?>> handles = queue.enqueueAll(calls);

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
