package io.tidemill.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The files in {@code ops/}. */
final class OpsFiles {

    static final Path FOLDER = Path.of("..", "ops").toAbsolutePath().normalize();

    private static final ObjectMapper JSON = new ObjectMapper();

    private OpsFiles() {}

    static String text(String name) throws IOException {
        return Files.readString(FOLDER.resolve(name));
    }

    /** The dashboards, by the name of the file. */
    static List<Path> dashboards() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER.resolve("grafana"))) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    static JsonNode read(Path dashboard) throws IOException {
        return JSON.readTree(Files.readString(dashboard));
    }

    /** Every query of a dashboard's panels, as Grafana sends it with everything selected. */
    static List<String> queries(Path dashboard) throws IOException {
        List<String> queries = new ArrayList<>();
        for (JsonNode panel : read(dashboard).path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                queries.add(target.path("expr")
                        .asText()
                        .replace("$__rate_interval", "1m")
                        .replaceAll("\\$\\w+", ".*"));
            }
        }
        return queries;
    }
}
