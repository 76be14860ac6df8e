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
 * @param text what it says: a stack, or why the command was refused; else empty. At most {@value #MAX_CHARACTERS}
 *     characters; those that no text should have are question marks
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

    /** Most characters of {@link #text}; longer ones are cut. */
    public static final int MAX_CHARACTERS = 16_000;

    private static final int SHORT = 200;
    private static final String CUT = "\n...";

    private static final ObjectMapper MAPPER = Json.mapper();
    private static final Answer UNREADABLE = refused("the answer of the worker cannot be read");

    /** What is missing is refused: nobody writes it so. */
    public Answer(@Nullable Outcome outcome, @Nullable String text) {
        this.outcome = outcome == null ? Outcome.REFUSED : outcome;
        this.text = text == null ? "" : cut(readable(text), MAX_CHARACTERS);
    }

    /** Names of threads and of classes may have any characters; as JSON each takes three bytes at most this way. */
    private static String readable(String text) {
        StringBuilder readable = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean isOdd = Character.isSurrogate(c) || (Character.isISOControl(c) && c != '\n' && c != '\t');
            readable.append(isOdd ? '?' : c);
        }
        return readable.toString();
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - CUT.length()) + CUT;
    }

    /** The same with the beginning of its text. */
    public Answer shortened() {
        return new Answer(outcome, cut(text, SHORT));
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
            Answer answer = MAPPER.readValue(bytes, Answer.class);
            return answer == null ? UNREADABLE : answer;
        } catch (IOException | RuntimeException e) {
            return UNREADABLE;
        }
    }
}
