package io.tidemill.broker.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ExpiringMapTest {

    private final ExpiringMap<String, String> map = new ExpiringMap<>();

    @Test
    void an_entry_is_found_until_its_time_and_not_at_it() {
        map.put("a", "x", 100, 10);

        assertThat(map.find("a", 109)).isEqualTo("x");
        assertThat(map.find("a", 110)).isNull();
        assertThat(map.find("b", 100)).isNull();
    }

    @Test
    void the_last_entry_of_a_key_counts() {
        map.put("a", "x", 100, 1000);
        map.put("a", "y", 100, 10);
        map.put("b", "z", 100, 20);

        assertThat(map.find("a", 105)).isEqualTo("y");
        assertThat(map.find("a", 110)).isNull();
        map.put("c", "w", 115, 10);
        assertThat(map.find("b", 115)).isEqualTo("z");
    }

    @Test
    void what_expired_is_let_go_of() {
        IntStream.range(0, 1000).forEach(i -> map.put("key-" + i, "x", i, 10));

        assertThat(map.size()).isLessThanOrEqualTo(11);
    }
}
