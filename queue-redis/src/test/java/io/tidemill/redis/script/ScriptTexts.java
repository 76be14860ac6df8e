package io.tidemill.redis.script;

/** Opens the texts of the scripts to tests of other packages. */
public final class ScriptTexts {

    private ScriptTexts() {}

    /** The text as it is sent, with its parts spliced in. */
    public static String source(Script script) {
        return script.source();
    }

    /** The name under which Redis keeps the text. */
    public static String digest(Script script) {
        return script.digest();
    }
}
