package io.tidemill.examples.ecoeaze.recommendations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.examples.ecoeaze.TestRedis;
import org.junit.jupiter.api.Test;

class RecommendationTasksTest {

    private final StatefulRedisConnection<String, String> redis = TestRedis.empty();
    private final Purchases purchases = new Purchases(redis);
    private final RecommendationTasks tasks = new RecommendationTasks(purchases);

    @Test
    void recommendsWhatThoseBoughtWhoBoughtTheSame() {
        buy("ada", "honey", "candles");
        buy("bob", "honey", "candles", "pollen");
        buy("eve", "pollen", "eggs");
        buy("tom", "honey");

        assertThat(tasks.generateRecommendations("tom")).containsExactly("candles", "pollen");

        // Buyers of both over the root of the product: 2 / sqrt(3 * 2) and 1 / sqrt(3 * 2)
        assertThat(redis.sync().zscore("recommendations:tom", "candles")).isEqualTo(2 / Math.sqrt(6), within(1e-9));
        assertThat(redis.sync().zscore("recommendations:tom", "pollen")).isEqualTo(1 / Math.sqrt(6), within(1e-9));
        assertThat(purchases.recommendations("tom", 1)).containsExactly("candles");
    }

    @Test
    void whatManyBuyAnywayWeighsLess() {
        buy("ada", "honey", "candles", "eggs");
        for (String user : new String[] {"u1", "u2", "u3", "u4"}) {
            buy(user, "eggs");
        }
        buy("tom", "honey");

        assertThat(tasks.generateRecommendations("tom")).containsExactly("candles", "eggs");
    }

    @Test
    void recommendsNothingToWhomNobodyKnows() {
        buy("ada", "honey", "candles");

        assertThat(tasks.generateRecommendations("tom")).isEmpty();
    }

    @Test
    void newRecommendationsReplaceTheOldOnes() {
        buy("ada", "honey", "candles");
        buy("tom", "honey");
        tasks.generateRecommendations("tom");
        buy("tom", "candles");

        assertThat(tasks.generateRecommendations("tom")).isEmpty();

        assertThat(purchases.recommendations("tom", 10)).isEmpty();
    }

    private void buy(String user, String... products) {
        for (String product : products) {
            purchases.add(user, product);
        }
    }
}
