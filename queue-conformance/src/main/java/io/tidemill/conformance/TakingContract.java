package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.Broker;
import io.tidemill.broker.DueSchedules;
import io.tidemill.broker.ScheduleStore;
import io.tidemill.broker.ScheduleWrite;
import io.tidemill.broker.StoredSchedule;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. Schedules that are due, and who gets them. */
public abstract class TakingContract extends ScheduleContract {

    @Nested
    class TakingSchedules {

        @Test
        void what_is_due_comes_earliest_first_and_what_is_not_stays() {
            long now = now();
            StoredSchedule second = put(schedule("a", "r1", now - 1000));
            StoredSchedule first = put(schedule("c", "r1", now - 2000));
            StoredSchedule third = put(schedule("b", "r1", now - 1000));
            StoredSchedule oldest = put(schedule("d", "r1", 0));
            put(schedule("never", "r1", StoredSchedule.NEVER));
            long next = now + LONG_MILLIS - 60_000;
            put(schedule("later", "r1", next));

            DueSchedules due = take();

            assertThat(due.schedules()).usingRecursiveComparison().isEqualTo(List.of(oldest, first, second, third));
            assertThat(due.nowMillis()).isBetween(now, now());
            assertThat(due.nextAtMillis()).isEqualTo(next);
        }

        @Test
        void nothing_comes_from_a_queue_without_schedules_or_with_none_that_will_be_due() {
            assertThat(take().schedules()).isEmpty();
            assertThat(take().nextAtMillis()).isEqualTo(StoredSchedule.NEVER);
            put(schedule("never", "r1", StoredSchedule.NEVER));

            assertThat(take().schedules()).isEmpty();
            assertThat(take().nextAtMillis()).isEqualTo(StoredSchedule.NEVER);
        }

        @Test
        void a_schedule_becomes_due_with_time() {
            put(schedule("soon", "r1", now() + SHORT_MILLIS));

            letItEnd();

            assertThat(names(take().schedules())).containsExactly("soon");
        }

        @Test
        void what_was_taken_is_brought_to_nobody_else_while_it_is_held() {
            StoredSchedule one = put(due("one", "r1"));
            DueSchedules due = take();
            assertThat(names(due.schedules())).containsExactly("one");
            assertThat(due.nextAtMillis()).isEqualTo(due.nowMillis() + LONG_MILLIS);

            DueSchedules others = get(another().schedules().take(queue, ScheduleStore.MAX_TAKEN, LONG_MILLIS));

            assertThat(others.schedules()).isEmpty();
            assertThat(others.nextAtMillis()).isEqualTo(due.nextAtMillis());
            assertStored(one);
        }

        @Test
        void what_was_taken_comes_again_when_the_time_is_over() {
            StoredSchedule one = put(due("one", "r1"));
            get(schedules().take(queue, 1, SHORT_MILLIS));

            letItEnd();

            assertThat(take().schedules()).usingRecursiveComparison().isEqualTo(List.of(one));
        }

        @Test
        void what_was_taken_is_free_again_when_it_is_written() {
            put(due("one", "r1"));
            take();

            write("r1", due("one", "r2"));

            assertThat(names(take().schedules())).containsExactly("one");
        }

        @Test
        void a_limit_leaves_the_rest_to_the_next_who_takes() {
            IntStream.range(0, 5).forEach(i -> put(schedule("s" + i, "r1", 1000 + i)));

            DueSchedules first = get(schedules().take(queue, 3, LONG_MILLIS));
            DueSchedules second = get(schedules().take(queue, 3, LONG_MILLIS));

            assertThat(names(first.schedules())).containsExactly("s0", "s1", "s2");
            assertThat(first.nextAtMillis()).as("there are more now").isEqualTo(1003);
            assertThat(names(second.schedules())).containsExactly("s3", "s4");
        }

        @Test
        void what_is_left_to_others_is_neither_brought_nor_held_and_does_not_count() {
            long now = now();
            IntStream.range(0, 6).forEach(i -> put(schedule("s" + i, "r1", 1000 + i)));
            put(schedule("later", "r1", now + LONG_MILLIS / 2));
            ScheduleStore store = schedules();

            DueSchedules mine = get(store.take(queue, 2, LONG_MILLIS, Set.of("s0", "s2", "s4", "none")));
            DueSchedules rest = get(store.take(queue, 100, LONG_MILLIS, Set.of("s0", "s2", "s4", "later")));
            DueSchedules none = get(store.take(queue, 100, LONG_MILLIS, Set.of("s0", "s2", "s4")));
            DueSchedules others = take();

            assertThat(names(mine.schedules())).containsExactly("s1", "s3");
            assertThat(mine.nextAtMillis()).as("s5, and not s4").isEqualTo(1005);
            assertThat(names(rest.schedules())).containsExactly("s5");
            assertThat(rest.nextAtMillis()).as("the hold of the first").isEqualTo(mine.nowMillis() + LONG_MILLIS);
            assertThat(none.schedules()).isEmpty();
            assertThat(none.nextAtMillis()).isEqualTo(now + LONG_MILLIS / 2);
            assertThat(names(others.schedules())).containsExactly("s0", "s2", "s4");
        }

        @Test
        void of_large_ones_fewer_come_and_the_others_are_not_held() {
            int size = StoredSchedule.MAX_CONTENT_BYTES / 3 + 1;
            for (int i = 0; i < 4; i++) {
                put(new StoredSchedule("large" + i, "r1", i, new byte[size]));
            }
            put(new StoredSchedule("largest", "r1", 9, new byte[StoredSchedule.MAX_CONTENT_BYTES]));

            assertThat(names(get(schedules().list(queue, 0, 100)))).containsExactly("large0", "large1");
            assertThat(names(get(schedules().list(queue, 4, 100)))).containsExactly("largest");
            assertThat(names(take().schedules())).containsExactly("large0", "large1");
            assertThat(names(take().schedules())).containsExactly("large2", "large3");
            assertThat(names(take().schedules())).containsExactly("largest");
            assertThat(take().schedules()).isEmpty();
        }

        @Test
        void ten_who_take_at_once_share_what_is_due() {
            List<String> all = IntStream.range(0, 40).mapToObj(i -> "s" + i).toList();
            all.forEach(name -> put(due(name, "r1")));
            List<Broker> processes =
                    Stream.generate(TakingContract.this::another).limit(10).toList();
            AtomicInteger turn = new AtomicInteger();

            List<List<String>> taken = together(10, () -> {
                ScheduleStore mine = processes.get(turn.getAndIncrement()).schedules();
                return names(get(mine.take(queue, 4, LONG_MILLIS)).schedules());
            });

            assertThat(taken.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(all);
        }

        @Test
        void schedules_of_a_paused_queue_are_due_as_well() {
            put(due("one", "r1"));
            get(operations().pause(queue));

            assertThat(names(take().schedules())).containsExactly("one");
        }

        @Test
        void a_list_has_pages_in_the_order_in_which_they_are_due() {
            long now = now();
            put(schedule("never-b", "r1", StoredSchedule.NEVER));
            put(schedule("never-a", "r1", StoredSchedule.NEVER));
            put(schedule("second", "r1", now + LONG_MILLIS));
            put(schedule("third-注", "r1", now + LONG_MILLIS + 1));
            put(schedule("third-\uD83D\uDE80", "r1", now + LONG_MILLIS + 1));
            put(schedule("first", "r1", now - 1));
            List<String> expected = List.of("first", "second", "third-注", "third-\uD83D\uDE80", "never-a", "never-b");

            assertThat(names(get(schedules().list(queue, 0, 100)))).isEqualTo(expected);
            assertThat(names(get(schedules().list(queue, 1, 3)))).isEqualTo(expected.subList(1, 4));
            assertThat(names(get(schedules().list(queue, 4, 2)))).isEqualTo(expected.subList(4, 6));
            assertThat(get(schedules().list(queue, 6, 100))).isEmpty();
        }

        @Test
        void limits_times_and_offsets_out_of_range_are_refused() {
            ScheduleStore store = schedules();
            List<String> tooMany = IntStream.rangeClosed(0, ScheduleStore.MAX_TAKEN)
                    .mapToObj(i -> "s" + i)
                    .toList();
            List<ScheduleWrite> writes = tooMany.stream()
                    .map(name -> new ScheduleWrite(null, schedule(name, "r1", 0)))
                    .toList();
            List<Runnable> wrong = List.of(
                    () -> get(store.find(queue, List.of())),
                    () -> get(store.find(queue, tooMany)),
                    () -> get(store.write(queue, List.of())),
                    () -> get(store.write(queue, writes)),
                    () -> get(store.take(queue, 0, 1)),
                    () -> get(store.take(queue, ScheduleStore.MAX_TAKEN + 1, 1)),
                    () -> get(store.take(queue, 1, 0)),
                    () -> get(store.take(queue, 1, 1, Set.copyOf(tooMany))),
                    () -> get(store.take(queue, 1, ScheduleStore.MAX_HOLD_MILLIS + 1)),
                    () -> get(store.list(queue, -1, 1)),
                    () -> get(store.list(queue, 0, 0)),
                    () -> get(store.list(queue, 0, ScheduleStore.MAX_TAKEN + 1)));

            assertThat(wrong)
                    .allSatisfy(use -> assertThatThrownBy(use::run).isInstanceOf(IllegalArgumentException.class));
        }
    }
}
