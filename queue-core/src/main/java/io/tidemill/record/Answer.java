package io.tidemill.record;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemill.json.Json;
import io.tidemill.task.PayloadException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a worker answers to a {@link Command}. Immutable.
 *
 * @param outcome what became of the command
 * @param text what it says: a stack, or why the command was refused; else empty
 */
public record Answer(
        @JsonProperty("outcome") Outcome outcome,
        @JsonProperty("text") String text) {

    /** What became of a command. */
    public enum Outcome {
        /** It was obeyed. */
        DONE,
        /** The worker cannot do it; nothing was changed. */
        REFUSED,
        /** The worker does not know it. */
        NOT_UNDERSTOOD
    }

    private static final ObjectMapper MAPPER = Json.mapper();

    /** What is missing is refused: nobody writes it so. */
    public Answer(@Nullable Outcome outcome, @Nullable String text) {
        this.outcome = outcome == null ? Outcome.REFUSED : outcome;
        this.text = text == null ? "" : text;
    }

    /** The command was obeyed. */
    public static Answer done() {
        return done("");
    }

    /** The command was obeyed, and there is this to say. */
    public static Answer done(String text) {
        return new Answer(Outcome.DONE, text);
    }

    /** Nothing was changed, because of this. */
    public static Answer refused(String why) {
        return new Answer(Outcome.REFUSED, why);
    }

    /** As bytes. */
    public byte[] encode() {
        try {
            return MAPPER.writeValueAsBytes(this);
        } catch (IOException e) {
            throw new PayloadException("an answer to a command cannot be written as JSON", e);
        }
    }

    /** What these bytes say; a refusal if they cannot be read. */
    public static Answer decode(byte[] bytes) {
        try {
            return MAPPER.readValue(bytes, Answer.class);
        } catch (IOException | RuntimeException e) {
            return refused("the answer of the worker cannot be read");
        }
    }
}
