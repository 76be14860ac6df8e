package io.tidemill.redis;

import io.tidemill.broker.BrokerException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at a server before it is trusted with jobs. */
final class Preflight {

    private static final Logger LOG = LoggerFactory.getLogger(RedisBroker.class);
    private static final Pattern VERSION = Pattern.compile("(?m)^redis_version:(\\d+)\\.(\\d+)");
    private static final Pattern POLICY = Pattern.compile("(?m)^maxmemory_policy:(\\S+)");

    private Preflight() {}

    /**
     * Refuses a server that is too old and warns of one that may throw jobs away.
     *
     * @param info what INFO says; Valkey says there which Redis it is compatible with
     */
    static void check(String address, String info) {
        Matcher version = VERSION.matcher(info);
        if (version.find()) {
            int major = Integer.parseInt(version.group(1));
            int minor = Integer.parseInt(version.group(2));
            if (major < 6 || (major == 6 && minor < 2)) {
                throw new BrokerException(
                        BrokerException.Outcome.REFUSED,
                        "Redis at " + address + " has version " + major + "." + minor
                                + ", and Tidemill needs 6.2 or newer; use a newer Redis, or Valkey",
                        null);
            }
        }
        Matcher policy = POLICY.matcher(info);
        if (policy.find() && !policy.group(1).equals("noeviction")) {
            LOG.warn(
                    "Redis at {} has maxmemory-policy {}: when memory is short it throws jobs away."
                            + " Set maxmemory-policy to noeviction",
                    address,
                    policy.group(1));
        }
    }
}
