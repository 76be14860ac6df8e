/** Micrometer meters and observations of queues. */
module io.tidemill.metrics {
    requires transitive io.tidemill.core;
    requires transitive micrometer.commons;
    requires transitive micrometer.core;
    requires transitive micrometer.observation;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports io.tidemill.metrics;
}
