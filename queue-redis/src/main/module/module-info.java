/** The broker that keeps queues in Redis, and a result backend. */
module io.tidemill.redis {
    requires transitive io.tidemill.core;
    requires transitive lettuce.core;
    // Lettuce is an automatic module, which says nothing of what it needs.
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.resolver.dns;
    // Has the socket options that notice a server which is gone.
    requires jdk.net;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports io.tidemill.redis;
}
