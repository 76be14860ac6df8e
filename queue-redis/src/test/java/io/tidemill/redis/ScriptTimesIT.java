package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.NewJob;
import io.tidemill.event.Probe;
import io.tidemill.redis.Scenario.Play;
import io.tidemill.redis.script.Script;
import io.tidemill.test.Waits;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What a broker gives a probe of the scripts that it sends. */
class ScriptTimesIT {

    private final List<Probe.Script> scripts = new CopyOnWriteArrayList<>();

    private boolean has(String name, boolean hasFailed) {
        return scripts.stream().anyMatch(each -> each.name().equals(name) && each.hasFailed() == hasFailed);
    }

    @Test
    void each_script_has_a_name_and_a_time_and_whether_it_failed() {
        RedisProbe redis = RedisProbe.shared();
        try (RedisBroker broker = RedisBroker.connect(RedisServer.shared().uri())) {
            broker.measure(new Probe() {
                @Override
                public void executed(Script script) {
                    scripts.add(script);
                }
            });
            broker.open();
            Play play = new Play(Script.COUNTS, broker, redis, null);

            play.get(broker.enqueue(play.queue, List.of(NewJob.now("one", Play.BODY, 4))));
            play.get(broker.lists().counts(play.queue));
            redis.redis().set(RedisProbe.key(play.queue, "delayed"), "damaged");
            assertThatThrownBy(() -> play.get(broker.enqueue(
                            play.queue, List.of(NewJob.now("two", Play.BODY, 4).after(60_000)))))
                    .isNotNull();

            Waits.until(
                    "all are measured", () -> has("enqueue", false) && has("counts", false) && has("enqueue", true));
            assertThat(scripts).allSatisfy(each -> assertThat(each.took()).isGreaterThan(Duration.ZERO));
        }
    }
}
