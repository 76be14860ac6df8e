package io.tidemill.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemill.json.Json;
import io.tidemill.task.PayloadException;
import io.tidemill.text.Durations;
import io.tidemill.text.Names;
import io.tidemill.text.PrintableText;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an operator asks of a worker, as it is stored: a JSON object with the name of the command and its values. Who
 * writes it and who reads it may be of different versions.
 *
 * <p>Immutable.
 */
public sealed interface Command {

    /** To answer, and nothing else. */
    record Ping() implements Command {
        @Override
        public <R> R given(Cases<R> to) {
            return to.ping();
        }
    }

    /** To claim no more jobs until {@link Resume}. */
    record Quiet() implements Command {
        @Override
        public <R> R given(Cases<R> to) {
            return to.quiet();
        }
    }

    /** To claim jobs again. */
    record Resume() implements Command {
        @Override
        public <R> R given(Cases<R> to) {
            return to.resume();
        }
    }

    /** To run so many jobs at once. */
    record Resize(int jobs) implements Command {
        @Override
        public <R> R given(Cases<R> to) {
            return to.resize(jobs);
        }
    }

    /** To stop, with so much time for what runs. */
    record Stop(Duration grace) implements Command {
        @Override
        public <R> R given(Cases<R> to) {
            return to.stop(grace);
        }
    }

    /** To say what the thread of a job is doing. */
    record Stack(String job) implements Command {
        @Override
        public <R> R given(Cases<R> to) {
            return to.stack(job);
        }
    }

    /**
     * To give the runs of a task another timeout.
     *
     * @param limit null for the declared one
     */
    record Timeout(String task, @Nullable Duration limit) implements Command {
        @Override
        public <R> R given(Cases<R> to) {
            return to.timeout(task, limit);
        }
    }

    /** One that this version does not know. */
    record Unknown(String name) implements Command {
        @Override
        public <R> R given(Cases<R> to) {
            return to.unknown(name);
        }
    }

    /** Who answers each case. */
    interface Cases<R> {
        /** {@link Ping}. */
        R ping();

        /** {@link Quiet}. */
        R quiet();

        /** {@link Resume}. */
        R resume();

        /** {@link Resize}. */
        R resize(int jobs);

        /** {@link Stop}. */
        R stop(Duration grace);

        /** {@link Stack}. */
        R stack(String job);

        /** {@link Timeout}. */
        R timeout(String task, @Nullable Duration limit);

        /** {@link Unknown}. */
        R unknown(String name);
    }

    /** Asks for the answer to this case. */
    <R> R given(Cases<R> to);

    /** As bytes. */
    default byte[] encode() {
        try {
            return Words.MAPPER.writeValueAsBytes(given(Words.WRITTEN));
        } catch (IOException e) {
            throw new PayloadException("a command cannot be written as JSON", e);
        }
    }

    /**
     * What these bytes ask; {@link Unknown} if this version does not understand them, or a value is out of its range.
     */
    static Command decode(byte[] bytes) {
        try {
            return Words.read(Words.MAPPER.readTree(bytes));
        } catch (IOException | RuntimeException e) {
            return new Unknown(Words.NO_NAME);
        }
    }

    /** How commands are spelled. */
    final class Words {

        private static final ObjectMapper MAPPER = Json.mapper();
        private static final String NO_NAME = "?";
        private static final String NAME = "command";
        private static final String JOBS = "jobs";
        private static final String GRACE = "graceMillis";
        private static final String JOB = "job";
        private static final String TASK = "task";
        private static final String LIMIT = "limitMillis";

        private static final Cases<ObjectNode> WRITTEN = new Cases<>() {
            @Override
            public ObjectNode ping() {
                return named("ping");
            }

            @Override
            public ObjectNode quiet() {
                return named("quiet");
            }

            @Override
            public ObjectNode resume() {
                return named("resume");
            }

            @Override
            public ObjectNode resize(int jobs) {
                return named("resize").put(JOBS, jobs);
            }

            @Override
            public ObjectNode stop(Duration grace) {
                return named("stop").put(GRACE, grace.toMillis());
            }

            @Override
            public ObjectNode stack(String job) {
                return named("stack").put(JOB, job);
            }

            @Override
            public ObjectNode timeout(String task, @Nullable Duration limit) {
                return named("timeout").put(TASK, task).put(LIMIT, limit == null ? 0 : limit.toMillis());
            }

            @Override
            public ObjectNode unknown(String name) {
                return named(name);
            }
        };

        private Words() {}

        private static ObjectNode named(String name) {
            return MAPPER.createObjectNode().put(NAME, name);
        }

        private static Command read(JsonNode node) {
            String name = node.path(NAME).asText(NO_NAME);
            return switch (name) {
                case "ping" -> new Ping();
                case "quiet" -> new Quiet();
                case "resume" -> new Resume();
                case "resize" -> new Resize(Math.toIntExact(number(node, JOBS)));
                case "stop" -> new Stop(Durations.check(GRACE, millis(node, GRACE)));
                case "stack" ->
                    new Stack(PrintableText.check(JOB, node.required(JOB).asText()));
                case "timeout" ->
                    timeout(
                            Names.check(TASK, node.required(TASK).asText()),
                            Durations.check(LIMIT, millis(node, LIMIT)));
                default -> new Unknown(Names.check(NAME, name));
            };
        }

        private static Duration millis(JsonNode node, String name) {
            return Duration.ofMillis(number(node, name));
        }

        private static long number(JsonNode node, String name) {
            JsonNode value = node.required(name);
            if (!value.isIntegralNumber() || !value.canConvertToLong()) {
                throw new IllegalArgumentException(name + " is not a whole number");
            }
            return value.longValue();
        }

        private static Timeout timeout(String task, Duration limit) {
            return new Timeout(task, limit.isZero() ? null : limit);
        }
    }
}
