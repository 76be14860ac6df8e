package io.tidemill.redis;

import io.tidemill.broker.Flow;
import io.tidemill.task.Unique;

/** Writes a job's flow as the words that enqueue takes; {@code lua/lib/flow.lua} says what they mean. */
final class Flows {

    private Flows() {}

    /** The words; empty for a job without a flow. The time comes last, because the script counts it from now. */
    static String words(Flow flow) {
        if (flow.isNone()) {
            return "";
        }
        StringBuilder words = new StringBuilder();
        Unique unique = flow.unique();
        if (unique != null) {
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

    private static char letter(Unique.Scope scope) {
        return switch (scope) {
            case UNTIL_DONE -> 'd';
            case UNTIL_STARTED -> 's';
            case WINDOW -> 'w';
        };
    }
}
