package io.tidemill.queue;

import io.tidemill.text.PrintableText;
import java.util.function.Function;
import java.util.function.Supplier;

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

    /**
     * For those who write brokers: what the function for its case returns; that of one group takes the group's name. A
     * release that adds a case adds a function here.
     */
    <T> T match(Supplier<? extends T> queue, Supplier<? extends T> groups, Function<? super String, ? extends T> group);

    /** The queue as a whole. */
    record Queue() implements LimitScope {

        @Override
        public <T> T match(
                Supplier<? extends T> queue,
                Supplier<? extends T> groups,
                Function<? super String, ? extends T> group) {
            return queue.get();
        }
    }

    /** Each group of the queue. */
    record Groups() implements LimitScope {

        @Override
        public <T> T match(
                Supplier<? extends T> queue,
                Supplier<? extends T> groups,
                Function<? super String, ? extends T> group) {
            return groups.get();
        }
    }

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

        @Override
        public <T> T match(
                Supplier<? extends T> queue,
                Supplier<? extends T> groups,
                Function<? super String, ? extends T> group) {
            return group.apply(name);
        }
    }
}
