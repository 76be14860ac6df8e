package io.tidemill.redis;

import java.time.Duration;

/** Options of brokers in contracts: what they do is tried, and not how quickly a loaded machine lets them connect. */
final class ContractOptions {

    static final RedisOptions PATIENT = RedisOptions.defaults()
            .withConnectTimeout(Duration.ofSeconds(30))
            .withRequestTimeout(Duration.ofSeconds(60));

    private ContractOptions() {}
}
