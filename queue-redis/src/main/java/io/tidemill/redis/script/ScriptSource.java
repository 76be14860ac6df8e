package io.tidemill.redis.script;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts the text of a script together: what declares the names of its header, its code, and of the included files the
 * functions that it calls. Redis makes a closure of each function that a run comes to, so a function stands just before
 * the first statement that needs it, and nowhere if none does. A run that ends early makes few closures then, and an
 * included file may hold more than one script needs. A function that only one other calls stands in a block with it,
 * since Lua lets no more than 200 names be in sight at one place.
 *
 * <p>Statements begin at the first column, and what belongs to them is indented or closes them. No name is declared
 * twice at that level, as a function would see the later one.
 */
final class ScriptSource {

    private static final String INCLUDE = "-- @include ";
    private static final Pattern STATEMENT = Pattern.compile(
            "(?m)^(?!end\\b|else|until\\b|[)}\\]])\\S.*\\n(?:(?:\\s|end\\b|else|until\\b|[)}\\]]).*\\n)*");
    private static final Pattern FUNCTION = Pattern.compile("^local function (\\w+)\\(");
    private static final Pattern WORD = Pattern.compile("\\w+");

    /** Those that do not stand in the text yet, by name. */
    private final Map<String, String> functions = new LinkedHashMap<>();
    /** How many functions and other statements name each function. */
    private final Map<String, Integer> users = new HashMap<>();

    private final StringBuilder text;

    private ScriptSource(String locals) {
        text = new StringBuilder(locals);
    }

    /** The text that is sent. */
    static String of(ScriptHeader header, String file) {
        ScriptSource source = new ScriptSource(header.locals());
        List<String> others = new ArrayList<>();
        for (String statement : statements(file)) {
            Matcher function = FUNCTION.matcher(statement);
            if (function.find()) {
                source.functions.put(function.group(1), statement);
            } else {
                others.add(statement);
            }
        }
        others.forEach(statement -> source.count(statement, ""));
        others.forEach(source::place);
        return source.text.toString();
    }

    /** A file as it is. */
    static String read(String file) {
        try (InputStream in = Script.class.getResourceAsStream("/io/tidemill/redis/lua/" + file)) {
            if (in == null) {
                throw new IllegalStateException("script " + file + " is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException("script " + file + " cannot be read", e);
        }
    }

    /** Counts a statement among the users of the functions that it names, and so each of those, once. */
    private void count(String statement, String itself) {
        for (String name : named(statement)) {
            if (!name.equals(itself) && users.merge(name, 1, Integer::sum) == 1) {
                count(functions.getOrDefault(name, ""), name);
            }
        }
    }

    /** Adds a statement, behind the functions that it calls and that do not stand there yet. */
    private void place(String statement) {
        for (String name : named(statement)) {
            placeFunction(name);
        }
        text.append(statement);
    }

    private void placeFunction(String name) {
        if (functions.containsKey(name)) {
            String block = block(name);
            text.append(block);
        }
    }

    /** A function behind those that only it calls. What these call and others do as well is added before. */
    private String block(String name) {
        String function = functions.getOrDefault(name, "");
        functions.remove(name);
        StringBuilder own = new StringBuilder();
        for (String called : named(function)) {
            if (users.getOrDefault(called, 0) == 1) {
                own.append(block(called));
            } else {
                placeFunction(called);
            }
        }
        return own.isEmpty()
                ? function
                : "local " + name + "\ndo\n" + own + function.substring("local ".length()) + "end\n";
    }

    /** The functions that a statement names and that do not stand in the text yet. */
    private List<String> named(String statement) {
        return WORD.matcher(statement)
                .results()
                .map(MatchResult::group)
                .distinct()
                .filter(functions::containsKey)
                .toList();
    }

    private static List<String> statements(String file) {
        StringBuilder spliced = new StringBuilder();
        splice(file, spliced, new HashSet<>());
        List<String> statements = new ArrayList<>();
        Matcher statement = STATEMENT.matcher(spliced);
        while (statement.find()) {
            statements.add(statement.group());
        }
        return statements;
    }

    /**
     * Adds a file with those that it includes; one that several others include is there once. Comments and empty lines
     * are left out: what Redis keeps and hashes is code.
     */
    private static void splice(String file, StringBuilder text, Set<String> included) {
        if (!included.add(file)) {
            return;
        }
        for (String line : read(file).split("\n", -1)) {
            if (line.startsWith(INCLUDE)) {
                splice(line.substring(INCLUDE.length()).strip(), text, included);
            } else if (!line.isBlank() && !line.stripLeading().startsWith("--")) {
                text.append(line).append('\n');
            }
        }
    }
}
