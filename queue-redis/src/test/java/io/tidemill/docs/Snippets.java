package io.tidemill.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Java in documents, compared with Java that is compiled and run. A block of Java in a document stands below a comment
 * that names a region, and is that region of a source file of this package, word for word:
 *
 * <pre>
 * &lt;!-- region: first-job --&gt;          // region: first-job
 * ```java                              ...
 * ...                                  // endregion
 * ```
 * </pre>
 *
 * <p>Two things are made equal before: the indentation that all lines of a region share, and the addresses of
 * {@link Docs}.
 */
final class Snippets {

    /** A piece of a source file, as a document should print it. */
    record Region(String where, String text) {}

    /** A block of Java in a document; the region is null if none is named above it. */
    record Block(int line, String region, String text) {}

    private static final Path SOURCES = Path.of("src/test/java/io/tidemill/docs");
    private static final Pattern BEGIN = Pattern.compile("\\s*// region: (\\S+)");
    private static final Pattern END = Pattern.compile("\\s*// endregion");
    private static final Pattern NAME = Pattern.compile("<!-- region: (\\S+) -->");

    private Snippets() {}

    static Map<String, Region> regions() throws IOException {
        Map<String, Region> regions = new TreeMap<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".java")).toList()) {
                addRegions(SOURCES.relativize(file).toString(), Files.readAllLines(file), regions);
            }
        }
        return regions;
    }

    static void addRegions(String file, List<String> lines, Map<String, Region> regions) {
        String name = null;
        int from = 0;
        for (int i = 0; i < lines.size(); i++) {
            Matcher begin = BEGIN.matcher(lines.get(i));
            if (begin.matches()) {
                if (name != null) {
                    throw new IllegalArgumentException(
                            file + ":" + (i + 1) + " begins a region inside region " + name + "; end that one before");
                }
                name = begin.group(1);
                from = i + 1;
            } else if (END.matcher(lines.get(i)).matches() && name != null) {
                Region region = new Region(file + ":" + from, printed(lines.subList(from, i)));
                if (regions.put(name, region) != null) {
                    throw new IllegalArgumentException(region.where() + ": there are two regions named " + name);
                }
                name = null;
            }
        }
        if (name != null) {
            throw new IllegalArgumentException(file + ": region " + name + " has no end");
        }
    }

    static List<Block> blocks(String markdown) {
        List<Block> blocks = new ArrayList<>();
        List<String> lines = markdown.lines().toList();
        String above = "";
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).strip().equals("```java")) {
                int from = i + 1;
                int to = from;
                while (to < lines.size() && !lines.get(to).strip().equals("```")) {
                    to++;
                }
                Matcher name = NAME.matcher(above.strip());
                blocks.add(new Block(
                        from, name.matches() ? name.group(1) : null, String.join("\n", lines.subList(from, to))));
                i = to;
                above = "";
            } else if (!lines.get(i).isBlank()) {
                above = lines.get(i);
            }
        }
        return blocks;
    }

    /** What is wrong with the Java of a document; empty if nothing is. */
    static List<String> problems(String document, String markdown, Map<String, Region> regions) {
        List<String> problems = new ArrayList<>();
        for (Block block : blocks(markdown)) {
            String where = document + ":" + block.line() + ": ";
            Region region = block.region() == null ? null : regions.get(block.region());
            if (block.region() == null) {
                problems.add(where + "this Java block names no region; put <!-- region: name --> above it, and the code"
                        + " between // region: name and // endregion into a test in " + SOURCES);
            } else if (region == null) {
                problems.add(where + "there is no region \"" + block.region() + "\"; there are " + regions.keySet());
            } else if (!region.text().equals(block.text())) {
                problems.add(where + "this is not region \"" + block.region() + "\" of " + region.where() + " any more."
                        + firstDifference(block.text(), region.text())
                        + "\n  The region, to be copied into the document:\n" + region.text());
            }
        }
        return problems;
    }

    /** Regions that none of the documents prints. */
    static Set<String> unused(Map<String, Region> regions, List<String> documents) {
        Set<String> unused = new HashSet<>(regions.keySet());
        documents.forEach(markdown -> blocks(markdown).forEach(block -> unused.remove(block.region())));
        return unused;
    }

    private static String firstDifference(String document, String region) {
        List<String> theirs = document.lines().toList();
        List<String> ours = region.lines().toList();
        int same = 0;
        while (same < theirs.size() && same < ours.size() && theirs.get(same).equals(ours.get(same))) {
            same++;
        }
        return "\n  First difference in line " + (same + 1) + " of the block:"
                + "\n    document: " + (same < theirs.size() ? theirs.get(same) : "(ends here)")
                + "\n    region:   " + (same < ours.size() ? ours.get(same) : "(ends here)");
    }

    private static String printed(List<String> lines) {
        int indent = lines.stream()
                .filter(line -> !line.isBlank())
                .mapToInt(line -> line.length() - line.stripLeading().length())
                .min()
                .orElse(0);
        return lines.stream()
                .map(line -> line.isBlank() ? "" : line.substring(indent))
                .collect(Collectors.joining("\n"))
                .strip()
                .replace("Docs.REDIS", "\"redis://localhost:6379\"")
                .replace("Docs.RESULTS", "\"redis://results.example:6379\"");
    }
}
