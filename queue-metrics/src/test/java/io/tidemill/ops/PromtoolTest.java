package io.tidemill.ops;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What {@code promtool} says of the files for Prometheus. Skipped where it is not installed. */
class PromtoolTest {

    private final String promtool = Tools.need("promtool");

    @Test
    void the_configuration_can_be_loaded() throws Exception {
        assertThat(Tools.run(promtool, "check", "config", "prometheus.yml")).contains("SUCCESS");
    }

    @Test
    void the_alerts_can_be_loaded() throws Exception {
        assertThat(Tools.run(promtool, "check", "rules", "alerts.yml")).contains("12 rules found");
    }

    @Test
    void each_alert_fires_when_it_should_and_not_before() throws Exception {
        assertThat(Tools.run(promtool, "test", "rules", "alerts.test.yml")).contains("SUCCESS");
    }
}
