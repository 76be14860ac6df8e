package io.tidemill.test.redis;

import java.util.Objects;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test class a Redis of its own, for JUnit 5 and 6: a {@link RedisServer} as a parameter of its constructor,
 * its tests and its methods around them. The server is started when it is first asked for, and closed after the last
 * test of the class; nested classes use that of the outermost.
 *
 * <p>Write {@code @ExtendWith(RedisExtension.class)} on the class and {@code RedisServer redis} among the parameters of
 * a test; then {@code RedisBroker.connect(redis.uri())} is its broker.
 *
 * <p>Thread-safe.
 */
public final class RedisExtension implements ParameterResolver {

    private static final Namespace NAMESPACE = Namespace.create(RedisExtension.class);

    /** Closed by JUnit together with the context that it was stored in. */
    @SuppressWarnings("deprecation") // JUnit 5 closes only what implements it, JUnit 6 also what is AutoCloseable
    private record Started(RedisServer server) implements Store.CloseableResource, AutoCloseable {

        @Override
        public void close() {
            server.close();
        }
    }

    /** Made by JUnit. */
    public RedisExtension() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == RedisServer.class;
    }

    @Override
    @SuppressWarnings("deprecation") // JUnit 5 has no other method
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Store store = ofClass(context).getStore(NAMESPACE);
        return Objects.requireNonNull(
                        store.getOrComputeIfAbsent("server", key -> new Started(RedisServer.start()), Started.class))
                .server();
    }

    /** The context of the outermost test class: the child of the root. */
    private static ExtensionContext ofClass(ExtensionContext context) {
        ExtensionContext outermost = context;
        ExtensionContext parent = context.getParent().orElse(null);
        while (parent != null && parent != context.getRoot()) {
            outermost = parent;
            parent = parent.getParent().orElse(null);
        }
        return outermost;
    }
}
