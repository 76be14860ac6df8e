package io.tidemill.benchmarks.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A peer in a Node process of its own, which lives as long as the comparison and takes works as lines of JSON. */
final class NodePeer implements Contender, Features {

    private static final long END_SECONDS = 10;

    private final ObjectMapper mapper = new ObjectMapper();
    private final String name;
    private final Process process;
    private final BufferedWriter requests;
    private final BufferedReader replies;
    private final String version;
    private final boolean hasFeatures;

    /**
     * Starts the process and waits until it is ready.
     *
     * @param directory holds the script and {@code node_modules}
     */
    NodePeer(String name, Path directory, int port) {
        this.name = name;
        try {
            process = new ProcessBuilder("node", name + ".mjs", Integer.toString(port))
                    .directory(directory.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        requests = process.outputWriter(StandardCharsets.UTF_8);
        replies = process.inputReader(StandardCharsets.UTF_8);
        JsonNode hello = reply();
        version = hello.path("version").asText() + " on Node "
                + hello.path("node").asText();
        hasFeatures = hello.path("features").asBoolean();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public double enqueueSingle(Plan plan) {
        return value(ask("enqueue_single", Map.of("seconds", plan.seconds(), "inFlight", plan.inFlight())));
    }

    @Override
    public double enqueueBulk(Plan plan) {
        return value(ask(
                "enqueue_bulk",
                Map.of("seconds", plan.seconds(), "batch", plan.batch(), "inFlight", plan.batchesInFlight())));
    }

    @Override
    public double process(Plan plan, int jobs) {
        return value(ask("process", Map.of("jobs", jobs, "concurrency", plan.concurrency())));
    }

    @Override
    public Latency latency(Plan plan) {
        JsonNode reply = ask("latency", idle(plan));
        return new Latency(reply.path("p50").asDouble(), reply.path("p99").asDouble());
    }

    private static Map<String, Object> idle(Plan plan) {
        return Map.of(
                "samples", plan.samples(),
                "warmup", plan.unmeasured(),
                "concurrency", plan.idleConcurrency(),
                "pauseMillis", plan.pauseMillis());
    }

    @Override
    public @Nullable Features features() {
        return hasFeatures ? this : null;
    }

    @Override
    public double latencyOther(Plan plan) {
        return value(ask("latency_other", idle(plan)));
    }

    @Override
    public double roundtrip(Plan plan) {
        return value(ask("roundtrip", idle(plan)));
    }

    @Override
    public double delayed(Plan plan, int jobs) {
        return value(ask(
                "delayed", Map.of("jobs", jobs, "concurrency", plan.concurrency(), "delayMillis", plan.delayMillis())));
    }

    @Override
    public double priority(Plan plan, int jobs) {
        return value(ask("priority", Map.of("jobs", jobs, "concurrency", plan.concurrency())));
    }

    @Override
    public double unique(Plan plan) {
        return value(ask("unique", Map.of("seconds", plan.seconds())));
    }

    @Override
    public double retry(Plan plan, int jobs) {
        return value(ask("retry", Map.of("jobs", jobs, "concurrency", plan.concurrency())));
    }

    @Override
    public double chains(Plan plan, int jobs) {
        return value(ask("chains", Map.of("jobs", jobs, "size", Plan.CHAIN, "concurrency", plan.concurrency())));
    }

    @Override
    public double groups(Plan plan, int jobs) {
        return value(ask("groups", Map.of("jobs", jobs, "size", Plan.GROUP, "concurrency", plan.concurrency())));
    }

    @Override
    public void store(int jobs, int bytes, long delayMillis) {
        ask("store", Map.of("jobs", jobs, "bytes", bytes, "delayMillis", delayMillis));
    }

    /** Ends the process by ending its input; one that does not go is ended. */
    @Override
    public void close() {
        try {
            requests.close();
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static double value(JsonNode reply) {
        return reply.path("value").asDouble();
    }

    private JsonNode ask(String work, Map<String, ?> with) {
        Map<String, Object> request = new LinkedHashMap<>(with);
        request.put("work", work);
        try {
            requests.write(mapper.writeValueAsString(request));
            requests.newLine();
            requests.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " takes no more requests", e);
        }
        return reply();
    }

    private JsonNode reply() {
        try {
            String line = replies.readLine();
            if (line == null) {
                throw new IllegalStateException(name + " has ended");
            }
            JsonNode reply = mapper.readTree(line);
            if (reply.has("error")) {
                throw new IllegalStateException(
                        name + ": " + reply.path("error").asText());
            }
            return reply;
        } catch (IOException e) {
            throw new UncheckedIOException(name + " does not answer", e);
        }
    }
}
