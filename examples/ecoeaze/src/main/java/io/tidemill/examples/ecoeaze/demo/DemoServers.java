package io.tidemill.examples.ecoeaze.demo;

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
 * The servers around the application: a Redis, a mail server and a gateway for text messages, unless the environment
 * names others, and before the mail server the {@link GreylistingGateway}.
 */
public final class DemoServers implements AutoCloseable {

    private final Map<String, String> environment;
    private @Nullable RedisServer redis;
    private @Nullable GreenMail mail;
    private @Nullable GreylistingGateway gateway;
    private @Nullable SmsCentre sms;

    private DemoServers(Map<String, String> environment) {
        this.environment = new HashMap<>(environment);
    }

    /**
     * Starts what the environment does not name.
     *
     * @param greylist how many mails to refuse at first, by recipient
     */
    public static DemoServers start(Map<String, String> environment, Map<String, Integer> greylist) throws IOException {
        DemoServers servers = new DemoServers(environment);
        try {
            servers.start(greylist);
            return servers;
        } catch (IOException | RuntimeException e) {
            servers.close();
            throw e;
        }
    }

    private void start(Map<String, Integer> greylist) throws IOException {
        if (!environment.containsKey("REDIS_URL")) {
            redis = RedisServer.start("--appendonly", "yes");
            environment.put("REDIS_URL", redis.uri());
        }
        if (!environment.containsKey("SMTP_HOST")) {
            mail = startMail();
            environment.put("SMTP_HOST", "127.0.0.1");
            environment.put("SMTP_PORT", String.valueOf(mail.getSmtp().getPort()));
        }
        String host = environment.getOrDefault("SMTP_HOST", "localhost");
        int port = Integer.parseInt(environment.getOrDefault("SMTP_PORT", "25"));
        gateway = GreylistingGateway.start(host, port, greylist);
        environment.put("SMTP_HOST", "127.0.0.1");
        environment.put("SMTP_PORT", String.valueOf(gateway.port()));
        if (!environment.containsKey("SMS_URL")) {
            sms = SmsCentre.start(1);
            environment.put("SMS_URL", sms.url());
        }
        environment.putIfAbsent("ECOEAZE_HTTP_PORT", "0");
        environment.putIfAbsent("ECOEAZE_METRICS_PORT", "0");
    }

    private static GreenMail startMail() {
        GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        mail.start();
        return mail;
    }

    /** The environment with the addresses of what was started. */
    public Map<String, String> environment() {
        return Map.copyOf(environment);
    }

    /** Every mail that arrived; empty if they went to a server that is not ours. */
    public Optional<List<MimeMessage>> mails() {
        return Optional.ofNullable(mail).map(server -> List.of(server.getReceivedMessages()));
    }

    /** Every text message that was sent, by the id of its job; empty if they went to a gateway that is not ours. */
    public Optional<Map<String, String>> messages() {
        return Optional.ofNullable(sms).map(SmsCentre::messages);
    }

    @Override
    public void close() throws IOException {
        if (gateway != null) {
            gateway.close();
        }
        if (sms != null) {
            sms.close();
        }
        if (mail != null) {
            mail.stop();
        }
        if (redis != null) {
            redis.close();
        }
    }
}
