package io.tidemill.redis.script;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a proxy has to know to tell our scripts apart. */
public final class ScriptNames {

    private ScriptNames() {}

    /** The hops' names by the digests of their scripts. */
    public static Map<String, String> byDigest() {
        return Stream.of(Script.values()).collect(Collectors.toMap(Script::digest, Script::hop));
    }
}
