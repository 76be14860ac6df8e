package io.tidemill.broker;

import java.util.List;

/**
 * What a worker answers to a command.
 *
 * <p>Immutable, except that {@code body} is not copied.
 *
 * @param id of the command
 * @param body opaque to the broker, 1 to {@value #MAX_BYTES} bytes
 */
public record CommandAnswer(String id, byte[] body) {

    /** Most bytes of an answer: 64 KiB. */
    public static final int MAX_BYTES = 64 * 1024;

    /** Checks the size. */
    public CommandAnswer {
        if (body.length < 1 || body.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "an answer to a command must have 1 to " + MAX_BYTES + " bytes, got " + body.length);
        }
    }

    /** Refuses more answers than one request may have. */
    public static void check(List<CommandAnswer> answers) {
        if (answers.size() > CommandStore.MAX_WAITING) {
            throw new IllegalArgumentException(
                    "answers must be 0 to " + CommandStore.MAX_WAITING + ", got " + answers.size());
        }
    }
}
