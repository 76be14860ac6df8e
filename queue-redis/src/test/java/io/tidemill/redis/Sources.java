package io.tidemill.redis;

import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptTexts;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What stands in the files of the scripts. */
final class Sources {

    private static final Pattern COMMAND = Pattern.compile("redis\\.call\\('(\\w+)'");

    /** Commands that change nothing. */
    static final Set<String> READS = Set.of(
            "EXISTS",
            "GET",
            "GETRANGE",
            "HGET",
            "HEXISTS",
            "HGETALL",
            "HLEN",
            "HMGET",
            "INFO",
            "LLEN",
            "LPOS",
            "LRANGE",
            "MGET",
            "PTTL",
            "SCAN",
            "SCARD",
            "SINTER",
            "SISMEMBER",
            "SMEMBERS",
            "SMISMEMBER",
            "SRANDMEMBER",
            "STRLEN",
            "TIME",
            "ZCARD",
            "ZCOUNT",
            "ZMSCORE",
            "ZRANGE",
            "ZRANGEBYSCORE",
            "ZREVRANGE",
            "ZSCAN",
            "ZSCORE");

    private Sources() {}

    /** The commands that a script may run, with its parts. */
    static Set<String> commands(Script script) {
        Set<String> commands = new TreeSet<>();
        Matcher matcher = COMMAND.matcher(code(script));
        while (matcher.find()) {
            commands.add(matcher.group(1));
        }
        return commands;
    }

    /** The commands that any script may run. */
    static Set<String> commands() {
        Set<String> commands = new TreeSet<>();
        Arrays.stream(Script.values()).map(Sources::commands).forEach(commands::addAll);
        return commands;
    }

    /** The commands of a script that change something. */
    static Set<String> writes(Script script) {
        Set<String> writes = commands(script);
        writes.removeAll(READS);
        writes.remove("PUBLISH");
        return writes;
    }

    /** The text as it is sent, with its parts and without comments. */
    static String code(Script script) {
        return ScriptTexts.source(script);
    }

    static List<String> lines(String file) {
        try (InputStream in = Script.class.getResourceAsStream("/io/tidemill/redis/lua/" + file)) {
            if (in == null) {
                throw new IllegalArgumentException("there is no " + file);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
