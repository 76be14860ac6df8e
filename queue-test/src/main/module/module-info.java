/** For tests of applications: a recorder of events, a clock that is moved by hand, a Redis. */
module io.tidemill.test {
    requires transitive io.tidemill.core;
    requires static transitive org.jspecify;

    exports io.tidemill.test;
    exports io.tidemill.test.redis;
}
