package io.tidemill.redis.script;

import io.tidemill.redis.keys.KeyKind;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The scripts, one per hop. The header of each file names keys, arguments and the parts of the reply, and nothing else
 * spells their order: the loader declares these names in the script, {@link ScriptRequest} puts what it is given where
 * the name stands, and replies are read by name.
 */
public enum Script {
    ENQUEUE,
    CLAIM,
    COMPLETE,
    FAIL,
    RELEASE,
    EXTEND,
    PROMOTE,
    RECOVER,
    EXPIRE,
    SURVEY,
    CANCEL,
    FIND,
    COUNTS,
    LIST,
    SCAN,
    PAUSE,
    REDRIVE,
    RESCHEDULE,
    DELETE,
    PURGE,
    ERASE,
    TRIM,
    INSPECT,
    LEASES,
    QUEUES,
    REGISTER,
    WORKERS,
    CHECK,
    LIMIT,
    LIMITS,
    TAKE,
    SCHEDULE,
    UNSCHEDULE,
    SCHEDULES,
    PLANNED,
    ADD,
    HISTORY,
    NOTE,
    REPORT,
    PROGRESS,
    STORE,
    FOLLOW,
    FILL,
    PLACES,
    OUTBOX,
    DELIVERED,
    STOP,
    END,
    WORKFLOWS,
    COMMAND,
    OBEY,
    ANSWER;

    @SuppressWarnings("ImmutableEnumChecker") // Nobody can change these lists.
    private final ScriptHeader header;

    @SuppressWarnings("ImmutableEnumChecker") // Nobody can change this list.
    private final List<KeyKind> kinds;

    private final String source;
    private final String digest;

    Script() {
        String file = hop() + ".lua";
        header = ScriptHeader.parse(ScriptSource.read(file));
        kinds = kinds(header.keys());
        source = ScriptSource.of(header, file);
        digest = sha1(source);
    }

    /** The name of the hop, as in the port and in the file's name. */
    public String hop() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The names of the keys, in order. The last may end with {@code ..} and stands for any number then. */
    public List<String> keys() {
        return header.keys();
    }

    /** The names of the arguments, in order. The last may end with {@code ..} and stands for any number then. */
    public List<String> arguments() {
        return header.arguments();
    }

    /** The names of what a reply has behind status and time. The last may end with {@code ..}, as those of keys. */
    public List<String> parts() {
        return header.parts();
    }

    /** Whether each request has a number, by which the script knows that it was executed before. */
    public boolean isNumbered() {
        return arguments().contains("number");
    }

    /** The kinds of the keys of a script about one queue, without those of which a request has any number. */
    List<KeyKind> kinds() {
        return kinds;
    }

    /** The text that is sent. */
    String source() {
        return source;
    }

    /** The name under which Redis keeps the text. */
    String digest() {
        return digest;
    }

    private static List<KeyKind> kinds(List<String> names) {
        return ScriptHeader.single(names).stream()
                .flatMap(name ->
                        Stream.of(KeyKind.values()).filter(kind -> kind.key().equals(name)))
                .toList();
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
