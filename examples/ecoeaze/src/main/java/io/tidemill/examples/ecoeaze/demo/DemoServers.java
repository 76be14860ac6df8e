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
 * The servers around the application: a Redis and a mail server, unless the environment names others, and before the
 * mail server the {@link GreylistingGateway}.
 */
public final class DemoServers implements AutoCloseable {

    private final Map<String, String> environment;
    private final @Nullable RedisServer redis;
    private final @Nullable GreenMail mail;
    private final GreylistingGateway gateway;

    private DemoServers(Map<String, String> given, Map<String, Integer> greylist) throws IOException {
        environment = new HashMap<>(given);
        redis = given.containsKey("REDIS_URL") ? null : RedisServer.start();
        if (redis != null) {
            environment.put("REDIS_URL", redis.uri());
        }
        mail = given.containsKey("SMTP_HOST") ? null : startMail();
        gateway = mail != null
                ? GreylistingGateway.start("127.0.0.1", mail.getSmtp().getPort(), greylist)
                : GreylistingGateway.start(
                        given.getOrDefault("SMTP_HOST", "localhost"),
                        Integer.parseInt(given.getOrDefault("SMTP_PORT", "25")),
                        greylist);
        environment.put("SMTP_HOST", "127.0.0.1");
        environment.put("SMTP_PORT", String.valueOf(gateway.port()));
    }

    /**
     * Starts what the environment does not name.
     *
     * @param greylist how many mails to refuse at first, by recipient
     */
    public static DemoServers start(Map<String, String> environment, Map<String, Integer> greylist) throws IOException {
        return new DemoServers(environment, greylist);
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

    @Override
    public void close() throws IOException {
        gateway.close();
        if (mail != null) {
            mail.stop();
        }
        if (redis != null) {
            redis.close();
        }
    }
}
