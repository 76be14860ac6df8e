package io.tidemill.broker;

/**
 * A command that waits for its worker.
 *
 * <p>Immutable, except that {@code body} is not copied.
 *
 * @param id of the command
 * @param leftMillis how long it still waits, ms, counted from when the broker answered; 1 or more
 * @param body what is asked
 */
public record WaitingCommand(String id, long leftMillis, byte[] body) {}
