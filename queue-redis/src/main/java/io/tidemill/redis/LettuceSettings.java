package io.tidemill.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions.RefreshTrigger;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The settings of Lettuce that make its connections safe to use. The user's {@link RedisCustomizer} comes first, and
 * what must be as it is here is set after it.
 *
 * <p>Lettuce would by itself send commands again that were in flight when a connection broke, so a script would run
 * twice and only its second answer be seen. {@code REJECT_COMMANDS} is the setting that never does; sending again is
 * left to {@link Requests}, which numbers what it sends.
 */
final class LettuceSettings {

    private static final Duration RECONNECT_FIRST = Duration.ofMillis(50);
    private static final Duration RECONNECT_MOST = Duration.ofSeconds(2);
    private static final int REQUEST_QUEUE = 16_384;
    private static final int THREADS = 2;

    private static final Duration CLUSTER_REFRESH = Duration.ofSeconds(30);
    private static final int MOST_REDIRECTS = 16;
    private static final Duration IDLE_BEFORE_PROBES = Duration.ofSeconds(5);
    private static final Duration BETWEEN_PROBES = Duration.ofSeconds(2);
    private static final int PROBES = 3;

    private LettuceSettings() {}

    /** Threads and delays. */
    static ClientResources resources(RedisOptions options) {
        ClientResources.Builder shared = DefaultClientResources.builder();
        options.customizer().resources(shared);
        return shared.ioThreadPoolSize(THREADS)
                .computationThreadPoolSize(THREADS)
                .reconnectDelay(Delay.fullJitter(RECONNECT_FIRST, RECONNECT_MOST, 50, TimeUnit.MILLISECONDS))
                .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                .build();
    }

    /** How connections to one server behave. */
    static ClientOptions client(RedisOptions options) {
        ClientOptions.Builder settings = ClientOptions.builder();
        options.customizer().client(settings);
        return settings.autoReconnect(true)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(REQUEST_QUEUE)
                .timeoutOptions(TimeoutOptions.enabled(options.commandTimeout()))
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(options.connectTimeout())
                        .keepAlive(SocketOptions.KeepAliveOptions.builder()
                                .enable()
                                .idle(IDLE_BEFORE_PROBES)
                                .interval(BETWEEN_PROBES)
                                .count(PROBES)
                                .build())
                        .build())
                .build();
    }

    /** The same for the nodes of a cluster. The triggers are the default from Lettuce 7 on, and none before. */
    @SuppressWarnings("deprecation")
    static ClusterClientOptions cluster(ClientOptions single) {
        return ClusterClientOptions.builder(single)
                .maxRedirects(MOST_REDIRECTS)
                .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                        .enablePeriodicRefresh(CLUSTER_REFRESH)
                        .enableAdaptiveRefreshTrigger(RefreshTrigger.values())
                        .adaptiveRefreshTriggersTimeout(RECONNECT_MOST)
                        .build())
                .build();
    }
}
