package io.tidemill.redis.script;

import io.lettuce.core.api.StatefulConnection;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Opens the texts of the scripts to tests of other packages. */
public final class ScriptTexts {

    private ScriptTexts() {}

    /** The text as it is sent, with its parts spliced in. */
    public static String source(Script script) {
        return script.source();
    }

    /** Sends a script with keys and arguments in the order of its header. */
    public static CompletionStage<List<Object>> run(
            StatefulConnection<byte[], byte[]> connection, Script script, byte[][] keys, byte[][] arguments) {
        return ScriptRunner.run(connection, script, keys, arguments);
    }

    /** The name under which Redis keeps the text. */
    public static String digest(Script script) {
        return script.digest();
    }
}
