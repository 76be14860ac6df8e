package io.tidemill.examples.engreene.demo;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.tidemill.test.redis.RedisServer;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The servers around the application: a Redis that asks for a password, a mail server and the vendors' endpoint, unless
 * the environment names others.
 */
public final class DemoServers implements AutoCloseable {

    private static final String PASSWORD = "engreene:demo";

    private final Map<String, String> environment;
    private @Nullable RedisServer redis;
    private @Nullable GreenMail mail;
    private @Nullable VendorEndpoint vendors;

    private DemoServers(Map<String, String> environment) {
        this.environment = new HashMap<>(environment);
    }

    /** Starts what the environment does not name. */
    public static DemoServers start(Map<String, String> environment) throws IOException {
        DemoServers servers = new DemoServers(environment);
        try {
            servers.start();
            return servers;
        } catch (IOException | RuntimeException e) {
            servers.close();
            throw e;
        }
    }

    private void start() throws IOException {
        if (!environment.containsKey("REDIS_URL")) {
            redis = RedisServer.start("--appendonly", "yes", "--requirepass", PASSWORD);
            environment.put("REDIS_URL", redis.uri());
            environment.put("REDIS_PASSWORD", PASSWORD);
        }
        if (!environment.containsKey("SMTP_HOST")) {
            mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
            mail.start();
            environment.put("SMTP_HOST", "127.0.0.1");
            environment.put("SMTP_PORT", String.valueOf(mail.getSmtp().getPort()));
        }
        if (!environment.containsKey("VENDOR_URL")) {
            vendors = VendorEndpoint.start();
            environment.put("VENDOR_URL", vendors.url().toString());
        }
        // A week takes some seconds
        environment.putIfAbsent("ENGREENE_HOUR_MILLIS", "60");
    }

    /** The environment with the addresses of what was started. */
    public Map<String, String> environment() {
        return Map.copyOf(environment);
    }

    /** Every mail that arrived; empty if they went to a server that is not ours. */
    public Optional<List<MimeMessage>> mails() {
        return Optional.ofNullable(mail).map(server -> List.of(server.getReceivedMessages()));
    }

    /** The vendors' endpoint; empty if it is not ours. */
    public Optional<VendorEndpoint> vendors() {
        return Optional.ofNullable(vendors);
    }

    @Override
    public void close() {
        if (vendors != null) {
            vendors.close();
        }
        if (mail != null) {
            mail.stop();
        }
        if (redis != null) {
            redis.close();
        }
    }
}
