/** For tests of applications: a queue without threads, a recorder of events, a clock that is moved by hand, a Redis. */
module io.tidemill.test {
    requires transitive io.tidemill.core;
    requires static transitive org.assertj.core;
    requires static transitive org.jspecify;
    requires static transitive org.junit.jupiter.api;

    exports io.tidemill.test;
    exports io.tidemill.test.assertj;
    exports io.tidemill.test.redis;
}
