package io.tidemill.async;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PerQueueTest {

    @Test
    void a_queue_has_one_object() {
        PerQueue<Object> objects = new PerQueue<>(name -> new Object(), each -> true);

        Object one = objects.of("a");

        assertThat(objects.of("a")).isSameAs(one);
        assertThat(objects.find("a")).isSameAs(one);
        assertThat(objects.find("b")).isNull();
    }

    @Test
    void names_that_are_made_up_without_end_do_not_pile_up() {
        PerQueue<String> objects = new PerQueue<>(name -> name, each -> true);

        for (int i = 0; i < 100_000; i++) {
            objects.of("queue" + i);
        }

        assertThat(objects.size()).isLessThan(2_500);
    }

    @Test
    void what_is_used_or_busy_stays() {
        AtomicBoolean isBusy = new AtomicBoolean(true);
        PerQueue<Object> objects = new PerQueue<>(name -> new Object(), each -> !isBusy.get());
        Object used = objects.of("used");
        for (int i = 0; i < 5_000; i++) {
            objects.of("queue" + i);
        }
        assertThat(objects.size()).as("all are busy").isEqualTo(5_001);

        isBusy.set(false);
        for (int i = 5_000; i < 50_000; i++) {
            objects.of("queue" + i);
            objects.of("used");
        }

        assertThat(objects.of("used")).isSameAs(used);
        assertThat(objects.size()).isLessThan(2_500);
    }
}
