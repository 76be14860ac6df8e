package io.tidemill.test.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RedisClusterIT {

    @Test
    void everyNodeHoldsItsShareOfTheSlotsAndAMovedSlotTakesItsKeysAlong() {
        try (RedisCluster cluster = RedisCluster.start()) {
            int slot = cluster.slot("{mail}");
            int source = cluster.ownerOf(slot);
            int target = (source + 1) % cluster.size();
            for (int i = 0; i < 5; i++) {
                cluster.call(source, "SET", "{mail}" + i, "v" + i);
            }

            assertThat(IntStream.of(0, RedisCluster.SLOTS / 2, RedisCluster.SLOTS - 1)
                            .map(cluster::ownerOf))
                    .containsExactly(0, 1, 2);
            assertThat(cluster.uris()).hasSize(3).doesNotHaveDuplicates();
            assertThat(cluster.keysIn(slot, source)).isEqualTo(5);

            RedisCluster.SlotMove move = cluster.move(slot, target);
            assertThat(move.keys(2)).isEqualTo(2);

            assertThat(cluster.keysIn(slot, source)).isEqualTo(3);
            assertThat(cluster.keysIn(slot, target)).isEqualTo(2);
            assertThat(cluster.ownerOf(slot)).isEqualTo(source);

            move.finish();

            assertThat(cluster.keysIn(slot, source)).isZero();
            assertThat(cluster.keysOn(target)).isEqualTo(5);
            assertThat(cluster.call(target, "GET", "{mail}3")).isEqualTo("v3".getBytes(StandardCharsets.UTF_8));
            assertThatThrownBy(() -> cluster.call(source, "GET", "{mail}3"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("MOVED " + slot);
            assertThat(cluster.ownerOf(slot)).isEqualTo(target);
        }
    }
}
