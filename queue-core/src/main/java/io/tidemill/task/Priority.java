package io.tidemill.task;

/**
 * Priorities run from 0 (last) to 9 (first), as in JMS and RabbitMQ. Within one priority a queue is first in, first
 * out.
 */
public final class Priority {

    public static final int LOWEST = 0;

    /** What a job gets when nothing else is said. A queue that uses only this priority pays nothing for priorities. */
    public static final int DEFAULT = 4;

    public static final int HIGHEST = 9;

    private Priority() {}

    /**
     * Returns the priority, checked.
     *
     * @throws IllegalArgumentException if it is not 0 to 9
     */
    public static int check(int priority) {
        if (priority < LOWEST || priority > HIGHEST) {
            throw new IllegalArgumentException(
                    "priority must be 0 (last) to 9 (first), got " + priority + "; the default is " + DEFAULT);
        }
        return priority;
    }
}
