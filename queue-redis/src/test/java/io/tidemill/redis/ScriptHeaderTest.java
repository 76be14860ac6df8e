package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.redis.script.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts' headers, the {@link Script} enum and the code agree, and the code keeps the rules of safe scripts. */
class ScriptHeaderTest {

    private static final Pattern HEADER = Pattern.compile("^-- (KEYS|ARGV)\\[(\\d+)(\\.\\.)?]\\s+(\\w+)(.*)");
    private static final Pattern USED = Pattern.compile("\\b(KEYS|ARGV)\\[(\\d+)]");
    private static final Pattern FIXED = Pattern.compile("local fixed = (\\d+)");
    private static final Pattern NEEDS = Pattern.compile("\\bneeds\\(([^)]*)\\)");
    private static final Pattern WRITTEN = Pattern.compile("redis\\.call\\('(\\w+)'");

    @ParameterizedTest
    @EnumSource(Script.class)
    void the_header_lists_the_keys_and_arguments_of_the_enum(Script script) {
        String text = String.join("\n", Sources.lines(script.hop() + ".lua"));

        assertThat(headed(text, "KEYS")).isEqualTo(script.keys());
        assertThat(headed(text, "ARGV")).isEqualTo(script.arguments());
    }

    @ParameterizedTest
    @EnumSource(Script.class)
    void the_header_says_what_it_is_for_what_it_returns_and_what_it_costs(Script script) {
        String text = String.join("\n", Sources.lines(script.hop() + ".lua"));

        assertThat(text.lines().findFirst().orElseThrow()).matches("-- [A-Z].*");
        assertThat(text).contains("-- Returns ").contains("-- Cost ").contains("-- Writes ");
    }

    @ParameterizedTest
    @EnumSource(Script.class)
    void the_code_uses_every_key_and_argument_and_no_other(Script script) {
        String code = Sources.code(script);
        for (String kind : List.of("KEYS", "ARGV")) {
            List<String> names = kind.equals("KEYS") ? script.keys() : script.arguments();
            int fixed =
                    (int) names.stream().filter(name -> !name.endsWith("..")).count();
            Set<Integer> used = new TreeSet<>();
            Matcher matcher = USED.matcher(code);
            while (matcher.find()) {
                if (matcher.group(1).equals(kind)) {
                    used.add(Integer.valueOf(matcher.group(2)));
                }
            }
            assertThat(used).as("%s used", kind).allMatch(index -> index >= 1 && index <= fixed);
            assertThat(used).as("%s used", kind).hasSize(fixed);
        }
        Matcher fixed = FIXED.matcher(code);
        assertThat(fixed.find()).isEqualTo(script.keys().contains("job.."));
        if (script.keys().contains("job..")) {
            assertThat(Integer.parseInt(fixed.group(1))).isEqualTo(script.keys().size() - 1);
        }
    }

    @ParameterizedTest
    @EnumSource(Script.class)
    void the_code_keeps_the_rules(Script script) {
        String code = Sources.code(script);

        assertThat(code)
                .doesNotContain("pcall")
                .doesNotContain("cjson")
                .doesNotContain("cmsgpack")
                .doesNotContain("loadstring")
                .doesNotContain("'KEYS'")
                .doesNotContain("'SCAN'")
                .doesNotContain("tostring")
                .doesNotContain("#!");
        assertThat(code.split("'TIME'", -1)).as("one clock").hasSize(2);
        assertThat(commands(code))
                .as("commands by a literal name only")
                .hasSameSizeAs(code.replace("redis.acl_check_cmd", "").split("redis\\.", -1));
        // No globals: every assignment to a plain name at the start of a line declares it or changes a local.
        assertThat(code.lines()
                        .filter(line -> line.matches("function \\w+\\(.*"))
                        .toList())
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Script.class,
            names = {"ENQUEUE", "FIND", "COUNTS", "LIST", "INSPECT", "LEASES", "WORKERS", "CHECK", "LIMITS", "SURVEY"},
            mode = EnumSource.Mode.EXCLUDE)
    void the_first_write_is_one_that_a_full_redis_allows(Script script) {
        String body = Sources.code(script);

        assertThat(writes(topLevel(body))).first().isEqualTo("PERSIST");
    }

    @ParameterizedTest
    @ValueSource(strings = {"counts", "list", "inspect", "leases", "workers", "check", "limits", "survey"})
    void a_script_that_only_looks_writes_nothing(String hop) {
        assertThat(writes(Sources.code(hop + ".lua"))).isEmpty();
    }

    /** All but the first: if that one is denied, nothing has happened yet. */
    @ParameterizedTest
    @EnumSource(Script.class)
    void the_code_asks_for_its_rights_before_its_first_write(Script script) {
        String code = Sources.code(script);
        Set<String> asked = new TreeSet<>();
        Matcher needs = NEEDS.matcher(code);
        while (needs.find()) {
            asked.addAll(List.of(needs.group(1).replaceAll("[' ]", "").split(",", -1)));
        }
        Set<String> writes = Sources.writes(script);
        writes.remove(script == Script.ENQUEUE ? "MSET" : "PERSIST");
        // Parts that some scripts include and do not use.
        if (!isCalled(code, "pushFront()")) {
            writes.removeAll(Set.of("LPUSH", "LINSERT"));
        }
        if (Set.of(Script.ENQUEUE, Script.PROMOTE, Script.REDRIVE, Script.RESCHEDULE)
                        .contains(script)
                && !isCalled(code, "dropHeld()")) {
            writes.remove("DEL");
        }

        if (writes.size() > 1) {
            writes.remove("PERSIST");
            assertThat(asked).containsAll(writes);
        }
        if (code.contains("'PUBLISH'")) {
            assertThat(asked).contains("PUBLISH");
        }
    }

    /** Whether a function stands there more often than where it is defined. */
    private static boolean isCalled(String code, String name) {
        return code.split(Pattern.quote(name), -1).length > 2;
    }

    @Test
    void preflight_and_the_documents_name_the_commands_of_all_scripts() throws IOException {
        Set<String> commands = Sources.commands();
        commands.remove("TIME");

        Set<String> asked = new TreeSet<>(ServerCheck.COMMANDS.keySet());
        asked.remove("SUBSCRIBE");
        assertThat(asked).isEqualTo(commands);
        String documented = Files.readString(Path.of("../docs/redis-protocol.md"));
        String rights = documented.substring(documented.indexOf("## Rights"));
        int first = rights.indexOf("auth ");
        assertThat(rights.substring(first, rights.indexOf('`', first)).split("[\\s|]+", -1))
                .containsAll(commands.stream()
                        .map(command -> command.toLowerCase(Locale.ROOT))
                        .toList());
    }

    private static List<String> headed(String text, String kind) {
        List<String> names = new ArrayList<>();
        text.lines().map(HEADER::matcher).filter(Matcher::matches).forEach(match -> {
            if (match.group(1).equals(kind)) {
                names.add(match.group(4) + (match.group(3) == null ? "" : ".."));
                assertThat(Integer.parseInt(match.group(2)))
                        .as("%s in order", kind)
                        .isEqualTo(names.size());
            }
        });
        return names;
    }

    /** Commands, and one entry more, so that it compares with a split. */
    private static List<String> commands(String code) {
        List<String> commands = new ArrayList<>(List.of(""));
        Matcher matcher = WRITTEN.matcher(code);
        while (matcher.find()) {
            commands.add(matcher.group(1));
        }
        return commands;
    }

    private static List<String> writes(String code) {
        return commands(code).stream()
                .filter(command -> !command.isEmpty() && !Sources.READS.contains(command) && !command.equals("PUBLISH"))
                .toList();
    }

    /** Without the bodies of local functions that later code calls, except those that a claim or a promotion is. */
    private static String topLevel(String code) {
        String without = code.replaceAll("(?ms)^local function (?!claim|promoteDue|takePlain)\\w+\\(.*?^end\\n", "");
        return without.replaceAll("(?ms)^function \\w+\\.\\w+\\(.*?^end\\n", "");
    }
}
