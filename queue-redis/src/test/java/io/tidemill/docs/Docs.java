package io.tidemill.docs;

import io.tidemill.test.redis.RedisServer;

/**
 * Addresses that the documents print as texts. {@link Snippets} knows which: a region that says {@code Docs.REDIS} is
 * {@code "redis://localhost:6379"} in the document.
 */
final class Docs {

    /** A real Redis. */
    static final String REDIS = RedisServer.shared().uri();

    /** The Redis that keeps results. */
    static final String RESULTS = RedisServer.shared().uri();

    private Docs() {}
}
