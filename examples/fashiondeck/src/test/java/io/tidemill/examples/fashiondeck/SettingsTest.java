package io.tidemill.examples.fashiondeck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisURI;
import io.tidemill.examples.fashiondeck.cache.CacheKind;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {

    @Test
    void hasDefaultsForADevelopersMachine() {
        Settings settings = Settings.from(Map.of("REDIS_PASSWORD", ""));

        assertThat(settings.redis()).isEqualTo("redis://localhost:6379/0");
        assertThat(settings.cache()).isEqualTo("redis://localhost:6379/0");
        assertThat(settings.marketplaces())
                .containsEntry("amazon", URI.create("http://localhost:8081"))
                .containsEntry("asos", URI.create("http://localhost:8082"))
                .containsEntry("flipkart", URI.create("http://localhost:8083"));
    }

    @Test
    void readsTheEnvironment() {
        Settings settings = Settings.from(Map.of(
                "REDIS_HOST", "redis.example",
                "REDIS_PORT", "6390",
                "REDIS_PASSWORD", "p@ss: /+%#",
                "REDIS_DB", "3",
                "CACHE_REDIS_URL", "redis://cache.example:6379",
                "CACHE_TTL_PRODUCTS", "60",
                "AMAZON_URL", "https://amazon.example"));

        RedisURI redis = RedisURI.create(settings.redis());
        assertThat(redis.getHost()).isEqualTo("redis.example");
        assertThat(redis.getPort()).isEqualTo(6390);
        assertThat(redis.getDatabase()).isEqualTo(3);
        assertThat(redis.getCredentialsProvider().resolveCredentials().block().getPassword())
                .isEqualTo("p@ss: /+%#".toCharArray());
        assertThat(settings.cache()).isEqualTo("redis://cache.example:6379");
        assertThat(settings.ttls().of(CacheKind.PRODUCTS)).isEqualTo(Duration.ofMinutes(1));
        assertThat(settings.marketplaces()).containsEntry("amazon", URI.create("https://amazon.example"));
    }

    @Test
    void namesTheSentinelsInPlaceOfAServer() {
        Settings settings = Settings.from(Map.of(
                "REDIS_HOST", "ignored.example",
                "REDIS_SENTINELS", "a.example:26379,b.example:26379",
                "REDIS_MASTER", "deck",
                "REDIS_DB", "2"));

        RedisURI redis = RedisURI.create(settings.redis());
        assertThat(redis.getSentinels()).extracting(RedisURI::getHost).containsExactly("a.example", "b.example");
        assertThat(redis.getSentinelMasterId()).isEqualTo("deck");
        assertThat(redis.getDatabase()).isEqualTo(2);
    }

    @Test
    void refusesWhatIsNoNumberOrOutOfRange() {
        assertThatThrownBy(() -> Settings.from(Map.of("REDIS_DB", "16")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("REDIS_DB must be a number, 0 to 15, got '16'");
        assertThatThrownBy(() -> Settings.from(Map.of("REDIS_PORT", "redis")))
                .hasMessage("REDIS_PORT must be a number, 1 to 65535, got 'redis'");
        assertThatThrownBy(() -> Settings.from(Map.of("CACHE_TTL_SESSIONS", "7d")))
                .hasMessage("CACHE_TTL_SESSIONS must be a number of seconds, 0 to 999999999, got '7d'");
    }
}
