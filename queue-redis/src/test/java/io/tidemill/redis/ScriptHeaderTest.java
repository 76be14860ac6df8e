package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.redis.keys.KeyKind;
import io.tidemill.redis.script.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts' headers can be read, the code uses what they name, and it keeps the rules of safe scripts. */
class ScriptHeaderTest {

    private static final Set<String> KNOWN_KEYS = Stream.concat(
                    Stream.of(KeyKind.values()).map(KeyKind::key), Stream.of("queues", "planned"))
            .collect(Collectors.toSet());
    private static final Pattern FUNCTIONS = Pattern.compile("(?ms)^(?:local )?function (\\w+)\\(.*?^end\\n");
    private static final int MOST_LINES = 60;
    private static final Pattern NEEDS = Pattern.compile("\\bneeds\\(([^)]*)\\)");
    private static final Pattern WRITTEN = Pattern.compile("redis\\.call\\('(\\w+)'");

    @ParameterizedTest
    @EnumSource(Script.class)
    void the_header_says_what_it_is_for_what_it_returns_and_what_it_costs(Script script) {
        List<String> header = header(script);

        assertThat(header.get(0)).matches("-- [A-Z].*");
        assertThat(header.stream().filter(line -> line.matches("-- (KEYS|ARGV|Returns|Cost|Writes) .*")))
                .extracting(line -> line.split(" ")[1])
                .containsExactly("KEYS", "ARGV", "Returns", "Cost", "Writes");
    }

    /** A line that the loader does not understand is a name that nobody hears of. */
    @ParameterizedTest
    @EnumSource(Script.class)
    void every_line_of_the_header_is_understood(Script script) {
        List<String> names = new ArrayList<>();
        String section = "";
        for (String line : header(script)) {
            Matcher begins =
                    Pattern.compile("-- (KEYS|ARGV|Returns|Cost|Writes) +(.*)").matcher(line);
            section = begins.matches() ? begins.group(1) : section;
            if (section.equals("ARGV") || section.equals("Returns")) {
                String item = begins.matches() ? begins.group(2) : line.substring(12);
                if (!item.startsWith(" ") && !item.equals("nothing")) {
                    assertThat(item).matches("\\w+(\\.\\.)?( \\(number\\))?: \\S.*");
                    names.add(item.replaceAll("( \\(number\\))?: .*", ""));
                }
            }
        }
        List<String> known = new ArrayList<>(script.arguments());
        known.addAll(script.parts());
        assertThat(names).isEqualTo(known);
        assertThat(script.arguments()).first().isEqualTo("notAfter");
        assertThat(script.keys()).allMatch(name -> KNOWN_KEYS.contains(name.replace("..", "")));
        for (List<String> some : List.of(script.keys(), script.arguments(), script.parts())) {
            assertThat(some).doesNotHaveDuplicates();
            assertThat(some.stream().limit(Math.max(0, some.size() - 1))).noneMatch(name -> name.endsWith(".."));
        }
    }

    @ParameterizedTest
    @EnumSource(Script.class)
    void the_code_uses_every_key_and_argument_by_its_name(Script script) {
        String code = code(script);

        for (List<String> names : List.of(script.keys(), script.arguments())) {
            for (String name : names) {
                String used = names == script.keys() ? "KEYS" : "ARGV";
                assertThat(code).containsPattern(name.endsWith("..") ? "\\b" + used + "\\b" : "\\b" + name + "\\b");
            }
        }
        assertThat(code).doesNotContainPattern("(KEYS|ARGV)\\[\\d");
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
                .doesNotContain("tostring")
                .doesNotContain("#!");
        // One looks for keys by their names, a bounded number at a time.
        assertThat(code.contains("'SCAN'")).isEqualTo(script == Script.SCAN);
        assertThat(code.split("'TIME'", -1)).as("one clock").hasSize(2);
        assertThat(commands(code))
                .as("commands by a literal name only")
                .hasSameSizeAs(code.replace("redis.acl_check_cmd", "").split("redis\\.", -1));
        // No globals: a function that stands in a block was declared before it.
        assertThat(Pattern.compile("(?m)^function (\\w+)\\(")
                        .matcher(code)
                        .results()
                        .map(function -> function.group(1)))
                .allSatisfy(name -> assertThat(code).containsOnlyOnce("\nlocal " + name + "\ndo\n"));
    }

    @ParameterizedTest
    @EnumSource(
            value = Script.class,
            names = {
                "ENQUEUE",
                "ADD",
                "SCHEDULE",
                "STORE",
                "PLACES",
                "OUTBOX",
                "FIND",
                "COUNTS",
                "LIST",
                "SCAN",
                "INSPECT",
                "LEASES",
                "WORKERS",
                "CHECK",
                "LIMITS",
                "SURVEY",
                "SCHEDULES",
                "HISTORY",
                "PROGRESS",
                "ANSWER"
            },
            mode = EnumSource.Mode.EXCLUDE)
    void the_first_write_is_one_that_a_full_redis_allows(Script script) {
        String body = Sources.code(script);

        assertThat(writes(topLevel(body))).first().isEqualTo("PERSIST");
    }

    /** The history can wait until there is room; what the jobs need cannot. */
    @Test
    void a_full_redis_takes_nothing_into_the_history() {
        assertThat(writes(topLevel(Sources.code(Script.ADD)))).first().isEqualTo("HSET");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "counts",
                "list",
                "scan",
                "inspect",
                "leases",
                "workers",
                "check",
                "limits",
                "survey",
                "history",
                "places",
                "outbox",
                "schedules"
            })
    void a_script_that_only_looks_writes_nothing(String hop) {
        assertThat(writes(Sources.code(Script.valueOf(hop.toUpperCase(Locale.ROOT)))))
                .isEmpty();
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
        writes.remove(
                switch (script) {
                    case ENQUEUE, STORE -> "MSET";
                    case ADD -> "HSET";
                    default -> "PERSIST";
                });
        if (writes.size() > 1) {
            writes.remove("PERSIST");
            assertThat(asked).containsAll(writes);
        }
        if (code.contains("'PUBLISH'")) {
            assertThat(asked).contains("PUBLISH");
        }
    }

    /** What a function is called says in which part of a script it may stand: all reads come before the first write. */
    @ParameterizedTest
    @EnumSource(Script.class)
    void what_reads_plans_guards_or_releases_writes_nothing(Script script) {
        FUNCTIONS
                .matcher(Sources.code(script))
                .results()
                .filter(function -> function.group(1).matches("(plan|read|guard|release|settle|has|is)[A-Z].*"))
                .filter(function -> !function.group(1).equals("settleEach"))
                .forEach(function -> assertThat(writes(function.group()))
                        .as(function.group(1))
                        .isEmpty());
    }

    @ParameterizedTest
    @EnumSource(Script.class)
    void every_part_of_a_script_can_be_read_at_a_glance(Script script) {
        String code = code(script);

        FUNCTIONS
                .matcher(code)
                .results()
                .forEach(function -> assertThat(function.group().lines())
                        .as(function.group(1))
                        .hasSizeLessThanOrEqualTo(MOST_LINES));
        String own = Sources.lines(script.hop() + ".lua").stream()
                .filter(line -> !line.isBlank() && !line.stripLeading().startsWith("--"))
                .collect(Collectors.joining("\n", "", "\n"));
        assertThat(FUNCTIONS.matcher(own).replaceAll("").lines())
                .as("what stands in no function")
                .hasSizeLessThanOrEqualTo(MOST_LINES);
    }

    /** Lua reads no text with more than 200. A few are left for what comes. */
    @ParameterizedTest
    @EnumSource(Script.class)
    void not_too_many_names_are_in_sight_at_any_place_outside_of_functions(Script script) {
        Pattern declared = Pattern.compile("local (?:function \\w+|([\\w, ]+?)(?: =.*)?)");
        Deque<Integer> blocks = new ArrayDeque<>();
        int inSight = 0;
        int most = 0;
        for (String line : Sources.code(script).split("\n")) {
            Matcher local = declared.matcher(line.replaceFirst("\\(.*", ""));
            if (local.matches()) {
                inSight += local.group(1) == null ? 1 : local.group(1).split(",").length;
                most = Math.max(most, inSight);
            }
            if (line.matches("(local function|function|if|for|while|do)\\b.*(?<! end)")) {
                blocks.push(inSight);
            } else if (line.startsWith("end")) {
                inSight = blocks.pop();
            }
        }

        assertThat(most).isLessThanOrEqualTo(160);
        assertThat(blocks).isEmpty();
    }

    /** The loader moves functions, and a function sees the name that was declared last before it. */
    @ParameterizedTest
    @EnumSource(Script.class)
    void no_name_is_declared_twice_outside_of_functions(Script script) {
        List<String> declared = new ArrayList<>();
        Matcher local = Pattern.compile("(?m)^local (?:function (\\w+)|([\\w, ]+?)(?: =|$))")
                .matcher(Sources.code(script));
        while (local.find()) {
            declared.addAll(List.of((local.group(1) == null ? local.group(2) : local.group(1)).split(", ")));
        }
        declared.remove("_");

        assertThat(declared).doesNotHaveDuplicates();
    }

    /**
     * Redis keeps a script under the digest of its text: another order in each process would be another script in each.
     */
    @ParameterizedTest
    @EnumSource(Script.class)
    void a_script_has_the_same_text_in_every_process(Script script) {
        Matcher converted = Pattern.compile("(?m)^([\\w, ]+) = tonumber\\(").matcher(Sources.code(script));

        List<String> numbers = converted.find() ? List.of(converted.group(1).split(", ")) : List.of();

        assertThat(numbers)
                .isEqualTo(script.arguments().stream().filter(numbers::contains).toList());
    }

    /** An included file says what it takes from the script and from files that were included before. */
    @ParameterizedTest
    @EnumSource(Script.class)
    void what_an_included_file_needs_is_there_before_it(Script script) {
        Set<String> there = new TreeSet<>(script.keys());
        there.addAll(script.arguments());
        include(script.hop() + ".lua", there);
    }

    private static void include(String file, Set<String> there) {
        if (!there.add(file.replace("lib/", ""))) {
            return;
        }
        List<String> lines = Sources.lines(file);
        String comment = lines.stream()
                .takeWhile(line -> line.startsWith("--") && !line.startsWith("-- @"))
                .map(line -> line.substring(2).strip())
                .collect(Collectors.joining(" "));
        Matcher needs = Pattern.compile("Needs: ([\\w, ]+?(?:\\.lua)?(?:, [\\w.]+?)*)\\.(?: |$)")
                .matcher(comment);
        if (file.startsWith("lib/") && needs.find()) {
            assertThat(there).as("before " + file).contains(needs.group(1).split(", "));
        }
        lines.stream()
                .filter(line -> line.startsWith("-- @include "))
                .forEach(line -> include(line.substring(12).strip(), there));
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

    /** The comment at the beginning of a file. */
    private static List<String> header(Script script) {
        return Sources.lines(script.hop() + ".lua").stream()
                .takeWhile(line -> line.startsWith("--") && !line.startsWith("-- @"))
                .toList();
    }

    /** The code without the lines that declare keys and arguments. */
    private static String code(Script script) {
        return Sources.code(script)
                .lines()
                .dropWhile(line -> line.matches("(local [\\w, ]+ = (unpack\\(|\\d).*)|([\\w, ]+ = tonumber.*)"))
                .collect(Collectors.joining("\n"));
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
        String without =
                code.replaceAll("(?ms)^(?:local )?function (?!claim|promoteDue|takePlain)\\w+\\(.*?^end\\n", "");
        return without.replaceAll("(?ms)^function \\w+\\.\\w+\\(.*?^end\\n", "");
    }
}
