package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.Broker;
import io.tidemill.broker.DueSchedules;
import io.tidemill.broker.EraseReply;
import io.tidemill.broker.FoundSchedules;
import io.tidemill.broker.ScheduleStore;
import io.tidemill.broker.ScheduleWrite;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.task.BrokerException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. How schedules are written, taken, found and removed. */
public abstract class ScheduleContract extends LookUpContract {

    /** Any printable text is a name or a revision. */
    static final List<String> TEXTS = List.of(
            "a", "nightly report", "{tag}:*?[x]", "\\ \" ' %d %s", "注文", "ü\uFFFD", "\uD83D\uDE80", "x".repeat(256));

    final StoredSchedule schedule(String name, String revision, long fireAtMillis) {
        return new StoredSchedule(name, revision, fireAtMillis, bytes(revision + " of " + name));
    }

    /** Due since ten seconds ago. */
    final StoredSchedule due(String name, String revision) {
        return schedule(name, revision, now() - 10_000);
    }

    /** Not due within a test. */
    final StoredSchedule later(String name, String revision) {
        return schedule(name, revision, now() + LONG_MILLIS);
    }

    /** Writes a schedule that must not be there yet. */
    final StoredSchedule put(StoredSchedule schedule) {
        assertThat(write(null, schedule)).as("written").isTrue();
        return schedule;
    }

    final boolean write(@Nullable String expected, StoredSchedule schedule) {
        return get(schedules().write(queue, Optional.ofNullable(expected), schedule));
    }

    final DueSchedules take() {
        return get(schedules().take(queue, ScheduleStore.MAX_TAKEN, LONG_MILLIS));
    }

    final long now() {
        return get(schedules().nowMillis(queue));
    }

    final String revision(String name) {
        return get(schedules().find(queue, name)).map(StoredSchedule::revision).orElse("none");
    }

    /** Another text of the same kind. */
    static String next(String text) {
        return text.length() < 256 ? text + "+" : "y".repeat(256);
    }

    static List<String> names(List<StoredSchedule> schedules) {
        return schedules.stream().map(StoredSchedule::name).toList();
    }

    List<StoredSchedule> listed() {
        return get(schedules().list(queue, 0, ScheduleStore.MAX_TAKEN));
    }

    // Contents are compared whole: element by element AssertJ takes 20 seconds for a content of the largest size.
    final void assertStored(StoredSchedule... schedules) {
        assertThat(listed())
                .usingRecursiveComparison()
                .withEqualsForType(Arrays::equals, byte[].class)
                .isEqualTo(Arrays.asList(schedules));
        assertThat(get(schedules().count(queue))).isEqualTo(schedules.length);
        for (StoredSchedule schedule : schedules) {
            assertThat(get(schedules().find(queue, schedule.name())))
                    .usingRecursiveComparison()
                    .withEqualsForType(Arrays::equals, byte[].class)
                    .isEqualTo(Optional.of(schedule));
        }
    }

    @Nested
    class WritingSchedules {

        @Test
        void a_schedule_is_found_listed_and_counted_as_it_was_written() {
            StoredSchedule one = put(due("one", "r1"));
            StoredSchedule two = put(later("two", "r1"));

            assertStored(one, two);
            assertThat(get(schedules().find(queue, "three"))).isEmpty();
            assertThat(get(schedules().queues())).contains(queue);
        }

        @Test
        void a_write_replaces_the_revision_that_it_expects() {
            put(due("one", "r1"));
            StoredSchedule next = later("one", "r2");

            assertThat(write("r1", next)).isTrue();

            assertStored(next);
        }

        @Test
        void a_write_that_expects_another_revision_changes_nothing() {
            StoredSchedule one = put(due("one", "r1"));

            assertThat(write("r0", later("one", "r2"))).isFalse();
            assertThat(write(null, later("one", "r2")))
                    .as("it must not be there yet")
                    .isFalse();
            assertThat(write("r1", later("two", "r2"))).as("it is not there").isFalse();

            assertStored(one);
        }

        @Test
        void a_write_that_is_repeated_is_done_once_and_says_that_it_is_done() {
            put(due("one", "r1"));
            StoredSchedule second = due("one", "r2");

            assertThat(List.of(write("r1", second), write("r1", second))).containsExactly(true, true);
            assertThat(names(take().schedules())).containsExactly("one");
            assertThat(write("r1", second)).isTrue();

            assertStored(second);
            assertThat(take().schedules()).as("it is still held").isEmpty();
            assertThat(List.of(
                            write(null, schedule("new", "n1", StoredSchedule.NEVER)),
                            write(null, schedule("new", "n1", StoredSchedule.NEVER))))
                    .containsExactly(true, true);
        }

        @Test
        void a_late_copy_of_an_earlier_write_changes_nothing() {
            StoredSchedule first = put(due("one", "r1"));
            write("r1", due("one", "r2"));
            StoredSchedule third = due("one", "r3");
            write("r2", third);

            assertThat(write(null, first)).isFalse();
            assertThat(write("r1", due("one", "r2"))).isFalse();

            assertStored(third);
        }

        @Test
        void of_ten_writers_that_expect_the_same_revision_one_gets_through() {
            put(later("one", "r0"));
            List<Broker> processes =
                    Stream.generate(ScheduleContract.this::another).limit(10).toList();
            AtomicInteger turn = new AtomicInteger();

            List<String> written = together(10, () -> {
                int number = turn.getAndIncrement();
                StoredSchedule mine = later("one", "mine-" + number);
                return get(processes.get(number).schedules().write(queue, Optional.of("r0"), mine))
                        ? mine.revision()
                        : "refused";
            });

            assertThat(written.stream().filter(it -> !it.equals("refused"))).containsExactly(revision("one"));
        }

        @Test
        void of_several_writes_in_one_call_each_is_answered_by_itself() {
            StoredSchedule one = put(due("one", "r1"));
            put(due("two", "r1"));
            StoredSchedule nextTwo = later("two", "r2");
            StoredSchedule three = later("three", "r1");
            StoredSchedule nextThree = later("three", "r2");

            List<Boolean> written = get(schedules()
                    .write(
                            queue,
                            List.of(
                                    new ScheduleWrite("r0", later("one", "r2")),
                                    new ScheduleWrite("r1", nextTwo),
                                    new ScheduleWrite("r1", nextTwo),
                                    new ScheduleWrite(null, three),
                                    new ScheduleWrite("r1", nextThree),
                                    new ScheduleWrite(null, later("one", "r3")))));

            assertThat(written).containsExactly(false, true, true, true, true, false);
            assertThat(get(schedules().find(queue, List.of("three", "none", "two", "one")))
                            .schedules())
                    .usingRecursiveComparison()
                    .isEqualTo(List.of(nextThree, nextTwo, one));
            assertThat(get(schedules().count(queue))).isEqualTo(3);
            assertThat(get(schedules().queues())).contains(queue);
        }

        @Test
        void a_hundred_schedules_are_written_and_found_in_one_call_each() {
            List<StoredSchedule> all = IntStream.range(0, ScheduleStore.MAX_TAKEN)
                    .mapToObj(i -> later("s" + i, "r1"))
                    .toList();

            List<Boolean> written = get(schedules()
                    .write(
                            queue,
                            all.stream().map(it -> new ScheduleWrite(null, it)).toList()));

            assertThat(written).hasSize(100).containsOnly(true);
            long now = now();
            FoundSchedules found = get(schedules().find(queue, names(all)));
            assertThat(found.schedules()).usingRecursiveComparison().isEqualTo(all);
            assertThat(found.looked()).isEqualTo(100);
            assertThat(found.nowMillis()).isBetween(now, now());
        }

        @Test
        void large_schedules_are_written_in_one_call_and_found_in_several() {
            List<StoredSchedule> all = IntStream.range(0, 3)
                    .mapToObj(i -> new StoredSchedule(
                            "large" + i, "r1", StoredSchedule.NEVER, new byte[StoredSchedule.MAX_CONTENT_BYTES]))
                    .toList();

            assertThat(get(schedules()
                            .write(
                                    queue,
                                    all.stream()
                                            .map(it -> new ScheduleWrite(null, it))
                                            .toList())))
                    .containsExactly(true, true, true);

            FoundSchedules found = get(schedules().find(queue, List.of("none", "large1", "none2", "large0", "large2")));
            assertThat(names(found.schedules())).containsExactly("large1");
            assertThat(found.looked()).isEqualTo(3);
        }

        @Test
        void a_removed_schedule_is_gone_and_can_be_written_anew() {
            put(due("one", "r1"));
            StoredSchedule two = put(later("two", "r1"));

            assertThat(get(schedules().remove(queue, "one", "r1"))).isTrue();

            assertStored(two);
            assertThat(take().schedules()).isEmpty();
            assertThat(write("r1", due("one", "r2"))).isFalse();
            StoredSchedule again = put(due("one", "r3"));
            assertStored(again, two);
        }

        @Test
        void a_removal_that_expects_another_revision_is_refused() {
            StoredSchedule one = put(due("one", "r1"));

            assertThat(get(schedules().remove(queue, "one", "r0"))).isFalse();

            assertStored(one);
        }

        @Test
        void a_removal_that_is_repeated_says_that_it_is_gone() {
            put(due("one", "r1"));
            get(schedules().remove(queue, "one", "r1"));

            assertThat(get(schedules().remove(queue, "one", "r1"))).isTrue();
            assertThat(get(schedules().remove(queue, "never there", "r1"))).isTrue();
        }

        @Test
        void names_and_revisions_are_any_printable_text() {
            for (String text : TEXTS) {
                put(schedule(text, text, StoredSchedule.NEVER));
                assertThat(write(text, later(text, next(text)))).isTrue();
            }

            assertThat(names(listed())).containsExactlyInAnyOrderElementsOf(TEXTS);
            for (String text : TEXTS) {
                assertThat(get(schedules().remove(queue, text, next(text)))).isTrue();
            }
            assertStored();
        }

        @Test
        void contents_are_any_bytes_from_none_to_the_limit() {
            byte[] largest = new byte[StoredSchedule.MAX_CONTENT_BYTES];
            Arrays.fill(largest, (byte) '\n');
            for (byte[] content : List.of(new byte[0], everyByte(), bytes("\r\n\0 5 "), largest)) {
                StoredSchedule written = new StoredSchedule("one", newId(), now() + LONG_MILLIS, content);
                put(written);
                assertStored(written);
                get(schedules().remove(queue, "one", written.revision()));
            }
        }

        @Test
        void a_content_beyond_the_limit_is_refused_before_it_is_sent() {
            byte[] tooLarge = new byte[StoredSchedule.MAX_CONTENT_BYTES + 1];

            assertThatThrownBy(() -> new StoredSchedule("nightly", "r1", 0, tooLarge))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("schedule \"nightly\" must have at most 1048576 bytes, got 1048577");
        }

        @Test
        void schedules_of_other_queues_are_others() {
            put(due("one", "r1"));
            String other = queue + "-other";

            assertThat(get(schedules().find(other, "one"))).isEmpty();
            assertThat(get(schedules().take(other, 1, LONG_MILLIS)).schedules()).isEmpty();
            assertThat(get(schedules().write(other, Optional.empty(), due("one", "r1"))))
                    .isTrue();
            assertThat(get(schedules().queues())).contains(queue, other);
            get(schedules().remove(other, "one", "r1"));
            assertThat(revision("one")).isEqualTo("r1");
        }

        @Test
        void a_closed_broker_refuses_every_call() {
            ScheduleStore open = schedules();
            assertThat(get(open.count(queue))).isZero();
            Broker closed = newBroker();
            closed.open();
            ScheduleStore store = closed.schedules();
            closed.close();

            List<CompletableFuture<?>> calls = List.of(
                    store.take(queue, 1, 1),
                    store.write(queue, Optional.empty(), schedule("one", "r1", 0)),
                    store.remove(queue, "one", "r1"),
                    store.write(queue, List.of(new ScheduleWrite(null, schedule("one", "r1", 0)))),
                    store.find(queue, "one"),
                    store.find(queue, List.of("one")),
                    store.list(queue, 0, 1),
                    store.count(queue),
                    store.queues(),
                    store.nowMillis(queue));

            assertThat(calls)
                    .allSatisfy(call -> assertThatThrownBy(() -> get(call))
                            .isInstanceOfSatisfying(
                                    BrokerException.class,
                                    e -> assertThat(e.outcome()).isEqualTo(BrokerException.Outcome.REFUSED)));
        }

        @Test
        void a_queue_with_schedules_is_not_erased() {
            StoredSchedule one = put(due("one", "r1"));
            String id = readyOne();
            get(operations().register(queue, "w1", bytes("one"), LONG_MILLIS));
            assertThat(get(operations().erase(queue, true))).isEqualTo(EraseReply.HAS_WORKERS);
            get(operations().register(queue, "w1", bytes("one"), 0));

            assertThat(get(operations().erase(queue, true)))
                    .as("before the jobs are looked at, so that nobody purges them in vain")
                    .isEqualTo(EraseReply.HAS_SCHEDULES);

            assertStored(one);
            complete(claimOne());
            assertThat(find(id)).isEmpty();
            assertThat(get(operations().erase(queue, false))).isEqualTo(EraseReply.HAS_SCHEDULES);
            get(schedules().remove(queue, "one", "r1"));
            assertThat(get(operations().erase(queue, false))).isEqualTo(EraseReply.ERASED);
        }
    }
}
