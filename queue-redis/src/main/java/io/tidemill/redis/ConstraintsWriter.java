package io.tidemill.redis;

import io.tidemill.broker.JobConstraints;
import io.tidemill.redis.keys.WireText;
import io.tidemill.task.Unique;

/** Writes a job's constraints as the words that enqueue takes; {@code lua/lib/unique.lua} says what they mean. */
final class ConstraintsWriter {

    private ConstraintsWriter() {}

    /** The words; empty for a job without constraints. */
    static String words(JobConstraints constraints) {
        if (constraints.isNone()) {
            return "";
        }
        StringBuilder words = new StringBuilder();
        Unique unique = constraints.unique();
        if (unique != null) {
            words.append(action(unique.conflict()));
            if (unique.scope() == Unique.Scope.WINDOW) {
                words.append('w').append(unique.window().toMillis()).append(' ');
            }
            words.append('u')
                    .append(letter(unique.scope()))
                    .append(WireText.of("unique key", unique.key()))
                    .append(' ');
            if (unique.longestDelay() != null) {
                words.append('l').append(unique.longestDelay().toMillis()).append(' ');
            }
            if (unique.version() != null) {
                words.append('v').append(unique.version()).append(' ');
            }
        }
        if (constraints.group() != null) {
            words.append('g').append(WireText.of("group", constraints.group())).append(' ');
        }
        if (constraints.expiresInMillis() > 0) {
            words.append('x').append(constraints.expiresInMillis());
        }
        return words.toString().strip();
    }

    /** For a call that is to be refused the client makes the error. Nothing is stored in either case. */
    private static String action(Unique.Conflict conflict) {
        return switch (conflict) {
            case RETURN_EXISTING, REFUSE -> "";
            case REPLACE -> "cp ";
            case RESCHEDULE -> "cr ";
            case UPDATE -> "cu ";
        };
    }

    private static char letter(Unique.Scope scope) {
        return switch (scope) {
            case UNTIL_DONE -> 'd';
            case UNTIL_STARTED -> 's';
            case WINDOW -> 'w';
        };
    }
}
