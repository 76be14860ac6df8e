package io.tidemill.queue;

import io.tidemill.text.PrintableText;

/**
 * What limits are about. Cases may be added in later releases: a {@code switch} over them needs a {@code default}
 * branch.
 */
public sealed interface LimitScope {

    /** The queue as a whole. */
    LimitScope QUEUE = new Queue();

    /** Each group of the queue for itself, unless it has limits of its own. */
    LimitScope GROUPS = new Groups();

    /** One group, whatever holds for the others. */
    static LimitScope group(String name) {
        return new Group(name);
    }

    /** The queue as a whole. */
    record Queue() implements LimitScope {}

    /** Each group of the queue. */
    record Groups() implements LimitScope {}

    /**
     * One group.
     *
     * @param name printable text of 1 to 256 characters
     */
    record Group(String name) implements LimitScope {

        /** Checks the name. */
        public Group {
            PrintableText.check("group", name);
        }
    }
}
