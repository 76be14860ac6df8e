package io.tidemill.plan;

import java.util.Arrays;

/** What a step does. Only a call runs code of the user's; the others are done by the worker itself. */
public enum StepKind {
    /** Runs a task. */
    CALL(0, "call"),
    /** Gives the list of what its inputs gave. */
    COLLECT(1, "collect"),
    /** Waits for all its inputs, and gives what the first one gave that was run. */
    FIRST(2, "first"),
    /** Waits for all its inputs, and gives what the first one gave, also if that was not run. */
    END(3, "end"),
    /** Stores a call of its task for each element of a list, and says to {@link #MAPPED} how many there are. */
    MAP(4, "map"),
    /** Gives the list of what the calls of a map gave. How many places it has is said when the map has run. */
    MAPPED(5, "collect"),
    /** Waits for a value from outside, at most for the delay of its start. Without one it counts as not run. */
    SIGNAL(6, "signal"),
    /** Gives whether its input was run. */
    GIVEN(7, "given"),
    /**
     * The last step of a workflow with compensations or callbacks: waits for all its inputs, and ends the workflow or
     * begins to compensate.
     */
    CLOSE(8, "close"),
    /** What is done when a workflow has failed: it says so if that was not written before, and enqueues callbacks. */
    FAILED(9, "failed"),
    /** Finishes the start of a workflow, if the process that began it did not. */
    START(10, "start"),
    /** Wakes steps that wait for a time, as long as a workflow that has failed runs out. */
    WAKE(11, "wake"),
    /**
     * Waits for the steps that a step has added while it ran, and gives what that step gave to those that follow on it.
     */
    ADDED(12, "added"),
    /** Stores the steps that a step has added. */
    ADD(13, "add");

    private static final String PREFIX = "tidemill.";

    private final int code;
    private final String word;

    StepKind(int code, String word) {
        this.code = code;
        this.word = word;
    }

    /** What stands for it in bytes. */
    int code() {
        return code;
    }

    /** Whether it has the name of a task of the user's. */
    public boolean hasTask() {
        return this == CALL || this == MAP;
    }

    /** Whether it makes one value of several, of which some may be missing. */
    boolean isGathering() {
        return switch (this) {
            case COLLECT, FIRST, END, MAPPED, GIVEN, CLOSE, FAILED, START, WAKE, ADDED, ADD -> true;
            case CALL, MAP, SIGNAL -> false;
        };
    }

    /** What stands for the name of a task in the record of a step that runs none. */
    public String task() {
        return PREFIX + word;
    }

    /** Whether this stands for the name of a task in the record of a step that runs none. */
    public static boolean runsNoTask(String task) {
        return Arrays.stream(values())
                .anyMatch(kind -> !kind.hasTask() && kind.task().equals(task));
    }
}
