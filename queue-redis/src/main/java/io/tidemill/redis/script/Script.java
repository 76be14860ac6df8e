package io.tidemill.redis.script;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * The scripts, one per hop. Each names its keys and arguments in order, as the header of its file does; a name that
 * ends with {@code ..} stands for any number.
 */
public enum Script {
    ENQUEUE(
            "leases ready levels delayed waiting counts call dead dropped awaited cancels expiring turns parked limits"
                    + " lease taken job..",
            "notAfter number listeners width fresh token limit leaseMillis leaver per.."),
    CLAIM(
            "leases ready levels delayed waiting dropped lease awaited cancels counts expiring turns parked limits"
                    + " taken",
            "notAfter worker token limit leaseMillis"),
    COMPLETE(
            "leases ready levels delayed waiting dropped lease awaited cancels counts call expiring turns parked"
                    + " limits taken job..",
            "notAfter number worker token limit leaseMillis flows groups per.."),
    FAIL("leases delayed dead waiting awaited cancels counts call turns parked limits job..", "notAfter number per.."),
    RELEASE(
            "leases ready levels delayed waiting awaited cancels counts call turns parked limits job..",
            "notAfter number per.."),
    EXTEND("leases cancels", "notAfter leaseMillis token.."),
    PROMOTE("leases ready levels delayed waiting turns parked", "notAfter limit"),
    RECOVER(
            "leases ready levels dead waiting awaited cancels counts turns parked limits",
            "notAfter limit maxLostLeases failure"),
    EXPIRE("leases delayed awaited cancels dropped counts expiring", "notAfter limit"),
    SURVEY("leases..", "notAfter"),
    CANCEL("leases delayed dead awaited cancels dropped counts call result expiring job", "notAfter number id"),
    FIND("leases delayed dead awaited dropped result counts told job", "notAfter id notify receipt"),
    COUNTS("leases ready levels delayed dead dropped counts turns parked", "notAfter"),
    LIST("leases ready levels delayed dead turns parked", "notAfter state offset limit"),
    PAUSE("leases waiting paused", "notAfter wanted"),
    REDRIVE("leases ready levels delayed dead waiting counts call turns dropped job..", "notAfter number delay.."),
    RESCHEDULE("leases ready levels delayed waiting call turns job", "notAfter number id delay"),
    DELETE("leases delayed dead awaited cancels dropped counts call expiring job", "notAfter number id"),
    PURGE(
            "leases ready levels delayed dead awaited cancels dropped counts call expiring turns parked",
            "notAfter number state limit"),
    ERASE(
            "leases ready levels delayed dead waiting awaited cancels dropped counts paused expiring turns parked"
                    + " limits review holders gcra turn large workers call",
            "notAfter number running"),
    TRIM("leases dead counts", "notAfter keep maxAge limit"),
    INSPECT("leases ready levels delayed dead dropped paused turns parked limits result job", "notAfter id"),
    LEASES("leases", "notAfter limit"),
    QUEUES("queues", "notAfter name wanted"),
    REGISTER("leases workers worker", "notAfter id ttl info"),
    WORKERS("leases workers", "notAfter"),
    CHECK("leases ready levels delayed dead dropped awaited cancels turns parked job", "notAfter id"),
    LIMIT("leases waiting parked limits holders review", "notAfter scope value mark step"),
    LIMITS("limits", "notAfter");

    private static final String INCLUDE = "-- @include ";

    private final String keys;
    private final String arguments;
    private final String source;
    private final String digest;

    Script(String keys, String arguments) {
        this.keys = keys;
        this.arguments = arguments;
        source = load(hop() + ".lua");
        digest = sha1(source);
    }

    /** The name of the hop, as in the port and in the file's name. */
    public String hop() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The keys, in order. */
    public List<String> keys() {
        return List.of(keys.split(" ", -1));
    }

    /** The arguments, in order. */
    public List<String> arguments() {
        return List.of(arguments.split(" ", -1));
    }

    /** Whether each call of it has a number, by which it knows that it was executed before. */
    public boolean isNumbered() {
        return keys().contains("call");
    }

    /** The text, with its parts spliced in. */
    String source() {
        return source;
    }

    /** The name under which Redis keeps the text. */
    String digest() {
        return digest;
    }

    /** Comments and empty lines stay at home: what Redis keeps and hashes is code. */
    private static String load(String file) {
        StringBuilder text = new StringBuilder();
        for (String line : read(file).split("\n", -1)) {
            if (line.startsWith(INCLUDE)) {
                text.append(load(line.substring(INCLUDE.length()).strip()));
            } else if (!line.isBlank() && !line.stripLeading().startsWith("--")) {
                text.append(line).append('\n');
            }
        }
        return text.toString();
    }

    private static String read(String file) {
        try (InputStream in = Script.class.getResourceAsStream("/io/tidemill/redis/lua/" + file)) {
            if (in == null) {
                throw new IllegalStateException("script " + file + " is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException("script " + file + " cannot be read", e);
        }
    }

    private static String sha1(String source) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-1").digest(source.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-1", e);
        }
    }
}
