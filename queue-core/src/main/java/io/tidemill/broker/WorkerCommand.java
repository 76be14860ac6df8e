package io.tidemill.broker;

/**
 * What an operator asks of a worker.
 *
 * <p>Immutable, except that {@code body} is not copied.
 *
 * @param id different from those of all other commands: a name, as {@link io.tidemill.text.Names} says
 * @param worker who is to obey
 * @param ttlMillis how long it waits; who has not begun with it by then must not. 1 ms to a day
 * @param body opaque to the broker, 1 to {@value #MAX_BYTES} bytes
 */
public record WorkerCommand(String id, String worker, long ttlMillis, byte[] body) {

    /** Most bytes of a command. */
    public static final int MAX_BYTES = 1024;

    private static final long MAX_TTL_MILLIS = 86_400_000;

    /** Checks the numbers. */
    public WorkerCommand {
        if (ttlMillis < 1 || ttlMillis > MAX_TTL_MILLIS) {
            throw new IllegalArgumentException(
                    "a command may wait 1 to " + MAX_TTL_MILLIS + " ms, got " + ttlMillis + " ms");
        }
        if (body.length < 1 || body.length > MAX_BYTES) {
            throw new IllegalArgumentException("a command must have 1 to " + MAX_BYTES + " bytes, got " + body.length);
        }
    }
}
