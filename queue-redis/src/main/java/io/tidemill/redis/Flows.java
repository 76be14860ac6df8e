package io.tidemill.redis;

import io.tidemill.broker.Flow;
import io.tidemill.task.Unique;

/** Writes a job's flow as the words that enqueue takes; {@code lua/lib/unique.lua} says what they mean. */
final class Flows {

    private Flows() {}

    /** The words; empty for a job without a flow. */
    static String words(Flow flow) {
        if (flow.isNone()) {
            return "";
        }
        StringBuilder words = new StringBuilder();
        Unique unique = flow.unique();
        if (unique != null) {
            words.append(action(unique.conflict()));
            if (unique.scope() == Unique.Scope.WINDOW) {
                words.append('w').append(unique.window().toMillis()).append(' ');
            }
            words.append('u')
                    .append(letter(unique.scope()))
                    .append(unique.key())
                    .append(' ');
        }
        if (flow.group() != null) {
            words.append('g').append(flow.group()).append(' ');
        }
        if (flow.expiresInMillis() > 0) {
            words.append('x').append(flow.expiresInMillis());
        }
        return words.toString().strip();
    }

    /** Who wants to be refused is told by his own side: nothing is stored in either case. */
    private static String action(Unique.Conflict conflict) {
        return switch (conflict) {
            case RETURN_EXISTING, REFUSE -> "";
            case REPLACE -> "cp ";
            case RESCHEDULE -> "cr ";
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
