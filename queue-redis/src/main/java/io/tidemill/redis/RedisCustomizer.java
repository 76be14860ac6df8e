package io.tidemill.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisURI;
import io.lettuce.core.resource.ClientResources;

/**
 * Changes how Lettuce connects: the name of the client, TLS, credentials that change, a resolver of host names. See
 * {@link RedisOptions#withCustomizer}. Every method does nothing unless it is overridden.
 *
 * <pre>{@code
 * RedisOptions.defaults().withCustomizer(new RedisCustomizer() {
 *     @Override
 *     public void address(RedisURI uri) {
 *         uri.setClientName("shop-mail");
 *         uri.setCredentialsProvider(vault::credentials);
 *     }
 *
 *     @Override
 *     public void client(ClientOptions.Builder options) {
 *         options.sslOptions(SslOptions.builder().trustManager(caFile).build());
 *     }
 * })
 * }</pre>
 *
 * <p>What Tidemill depends on is set afterwards and cannot be changed here: reconnecting and its delay, that commands
 * are not sent again by Lettuce, the queue of requests, timeouts, keep-alive, the numbers of threads. Lettuce is part
 * of this interface: it may change with the major version of Lettuce.
 *
 * <p>Called when the broker is made, on the caller's thread.
 */
public interface RedisCustomizer {

    /** Changes nothing. */
    RedisCustomizer NONE = new RedisCustomizer() {
        @Override
        public String toString() {
            return "none";
        }
    };

    /** Changes an address: called for each of the nodes that were named. */
    default void address(RedisURI uri) {}

    /** Changes the options of the client, such as those of TLS. */
    default void client(ClientOptions.Builder options) {}

    /** Changes what connections share. */
    default void resources(ClientResources.Builder resources) {}
}
