package io.tidemill.redis.script;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the header of a script's file says: the names of its keys, of its arguments, and of the parts of its reply
 * behind status and time, each in order. It is the only place that says so. A name that ends with {@code ..} stands for
 * any number, and is the last one.
 *
 * <p>The names of keys are those of {@link io.tidemill.redis.keys.KeyKind}. An argument that is said to be a number is
 * one in the script.
 *
 * @param keys names of the keys
 * @param arguments names of the arguments
 * @param numbers those of the arguments that are numbers, in their order: the text of a script must be the same in
 *     every process, as Redis keeps it under its digest
 * @param parts names of the parts of the reply
 */
record ScriptHeader(List<String> keys, List<String> arguments, List<String> numbers, List<String> parts) {

    static final String MANY = "..";

    private static final Pattern SECTION = Pattern.compile("^-- (KEYS|ARGV|Returns|Cost|Writes) +(\\S.*)$");
    private static final Pattern ITEM = Pattern.compile("^-- {10}(\\S.*)$");
    private static final Pattern NAMED = Pattern.compile("^(\\w+(?:\\.\\.)?)( \\(number\\))?: .*$");
    private static final Pattern ASIDE = Pattern.compile("\\([^)]*\\)");

    /** Reads the comment at the beginning of a file. */
    static ScriptHeader parse(String text) {
        StringBuilder keys = new StringBuilder();
        List<String> arguments = new ArrayList<>();
        List<String> numbers = new ArrayList<>();
        List<String> parts = new ArrayList<>();
        String section = "";
        for (String line : text.lines().takeWhile(it -> it.startsWith("--")).toList()) {
            Matcher begins = SECTION.matcher(line);
            section = begins.matches() ? begins.group(1) : section;
            Matcher item = begins.matches() ? begins : ITEM.matcher(line);
            String said = item.matches() ? item.group(item.groupCount()) : "";
            Matcher named = NAMED.matcher(said);
            if (section.equals("KEYS")) {
                keys.append(said).append(' ');
            } else if (named.matches() && section.equals("ARGV")) {
                arguments.add(named.group(1));
                if (named.group(2) != null) {
                    numbers.add(named.group(1));
                }
            } else if (named.matches() && section.equals("Returns")) {
                parts.add(named.group(1));
            }
        }
        return new ScriptHeader(
                List.of(ASIDE.matcher(keys).replaceAll("").strip().split("[ ,]+")),
                List.copyOf(arguments),
                List.copyOf(numbers),
                List.copyOf(parts));
    }

    /** The names without the one that stands for any number. */
    static List<String> single(List<String> names) {
        return names.stream().filter(name -> !name.endsWith(MANY)).toList();
    }

    /** What declares the names in the script. Where some are many, the number of the others is declared as well. */
    String locals() {
        StringBuilder text = new StringBuilder();
        declare(text, keys, "KEYS", "fixedKeys");
        declare(text, arguments, "ARGV", "fixedArguments");
        if (!numbers.isEmpty()) {
            text.append(String.join(", ", numbers)).append(" = ");
            text.append(numbers.stream().map(name -> "tonumber(" + name + ")").collect(Collectors.joining(", ")));
            text.append('\n');
        }
        return text.toString();
    }

    private static void declare(StringBuilder text, List<String> names, String source, String count) {
        List<String> single = single(names);
        if (!single.isEmpty()) {
            text.append("local ").append(String.join(", ", single));
            text.append(" = unpack(")
                    .append(source)
                    .append(", 1, ")
                    .append(single.size())
                    .append(")\n");
        }
        if (single.size() < names.size()) {
            text.append("local ")
                    .append(count)
                    .append(" = ")
                    .append(single.size())
                    .append('\n');
        }
    }
}
