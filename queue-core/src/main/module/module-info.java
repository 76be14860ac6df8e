/**
 * Tasks, queues, workers and the broker interface, with an in-memory broker. Packages that are not exported are internal
 * and may change in any release; those exported to other Tidemill modules only are as well.
 */
module io.tidemill.core {
    requires transitive com.fasterxml.jackson.databind;
    requires com.fasterxml.jackson.datatype.jdk8;
    requires com.fasterxml.jackson.datatype.jsr310;
    requires com.fasterxml.jackson.module.paramnames;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports io.tidemill;
    exports io.tidemill.admin;
    exports io.tidemill.broker;
    exports io.tidemill.broker.memory;
    exports io.tidemill.broker.partition;
    exports io.tidemill.client;
    exports io.tidemill.event;
    exports io.tidemill.message;
    exports io.tidemill.queue;
    exports io.tidemill.task;
    exports io.tidemill.time;
    exports io.tidemill.workflow;
    exports io.tidemill.async to
            io.tidemill.metrics,
            io.tidemill.redis,
            io.tidemill.schedule;
    exports io.tidemill.batch to
            io.tidemill.redis;
    exports io.tidemill.lifecycle to
            io.tidemill.metrics,
            io.tidemill.schedule,
            io.tidemill.test;
    exports io.tidemill.lint to
            io.tidemill.metrics,
            io.tidemill.redis,
            io.tidemill.schedule;
    exports io.tidemill.record to
            io.tidemill.metrics,
            io.tidemill.redis,
            io.tidemill.schedule,
            io.tidemill.test;
    exports io.tidemill.text to
            io.tidemill.metrics,
            io.tidemill.redis,
            io.tidemill.schedule,
            io.tidemill.test;
}
