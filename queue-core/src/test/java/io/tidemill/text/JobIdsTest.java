package io.tidemill.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class JobIdsTest {

    private final AtomicLong millis = new AtomicLong(1_795_212_339_800L);
    private final JobIds ids = new JobIds(millis::get);

    @Test
    void an_id_is_a_name_of_18_characters() {
        String id = ids.next();
        assertThat(id).hasSize(18);
        Names.check("job id", id);
    }

    @Test
    void an_id_says_when_it_was_made_and_other_texts_do_not() {
        assertThat(JobIds.millisOf(ids.next())).hasValue(millis.get());
        assertThat(JobIds.millisOf("order 42")).isEmpty();
        assertThat(JobIds.millisOf("!".repeat(18))).isEmpty();
    }

    @Test
    void ids_grow_while_time_stands_runs_and_goes_back() {
        String last = ids.next();
        for (int i = 0; i < 50_000; i++) {
            if (i % 1000 == 0) {
                millis.addAndGet(i % 3000 == 0 ? -60_000 : 1);
            }
            String next = ids.next();
            assertThat(next.compareTo(last)).isPositive();
            last = next;
        }
    }

    @Test
    void ids_of_other_processes_sort_by_time() {
        String early = new JobIds(millis::get, "zzzzzzzz").next();
        millis.incrementAndGet();
        String late = new JobIds(millis::get, "00000000").next();
        assertThat(early).isLessThan(late);
    }

    @Test
    void two_processes_in_the_same_millisecond_differ() {
        assertThat(new JobIds(millis::get).next()).isNotEqualTo(new JobIds(millis::get).next());
    }

    @Test
    void times_from_1970_to_past_the_year_8000_work() {
        String last = "";
        for (long time : List.of(0L, 1L, 1_795_212_339_800L, 4_102_444_800_000L, 190_288_000_000_000L)) {
            String id = new JobIds(() -> time).next();
            assertThat(id).hasSize(18).isGreaterThan(last);
            last = id;
        }
    }

    @Test
    void a_clock_before_1970_still_gives_ids() {
        JobIds early = new JobIds(() -> -5_000);
        assertThat(early.next()).isLessThan(early.next());
    }

    @Test
    void eight_threads_never_get_the_same_id() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(8);
        try {
            List<Future<List<String>>> shares = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                shares.add(pool.submit(() -> {
                    List<String> mine = new ArrayList<>();
                    for (int j = 0; j < 20_000; j++) {
                        mine.add(ids.next());
                    }
                    return mine;
                }));
            }
            Set<String> all = new HashSet<>();
            for (Future<List<String>> share : shares) {
                assertThat(share.get()).isSorted();
                all.addAll(share.get());
            }
            assertThat(all).hasSize(160_000);
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void random_digits_are_a_name_of_the_asked_length() {
        assertThat(JobIds.randomDigits(22)).hasSize(22).matches("[0-9A-Za-z]+").isNotEqualTo(JobIds.randomDigits(22));
    }
}
