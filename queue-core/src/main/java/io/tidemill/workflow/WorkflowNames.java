package io.tidemill.workflow;

import io.tidemill.text.PrintableText;

/** Names of workflows and of steps. */
final class WorkflowNames {

    /** Names of nested steps are joined by slashes, and the id of a step is that of its workflow and a number. */
    private static final int MOST_CHARACTERS = 128;

    /** Most characters of the id of a workflow: ids of its jobs have up to 22 more, and at most 256. */
    static final int MOST_OF_ID = 230;

    private WorkflowNames() {}

    static String check(String name) {
        PrintableText.check("name of a step", name);
        if (name.length() > MOST_CHARACTERS) {
            throw new IllegalArgumentException(
                    "name of a step must have 1 to " + MOST_CHARACTERS + " characters, got " + name.length());
        }
        return name;
    }

    static String checkId(String id) {
        PrintableText.check("workflow id", id);
        if (id.length() > MOST_OF_ID) {
            throw new IllegalArgumentException(
                    "workflow id must have 1 to " + MOST_OF_ID + " characters, got " + id.length());
        }
        return id;
    }
}
