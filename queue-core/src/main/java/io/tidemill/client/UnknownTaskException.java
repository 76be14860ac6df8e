package io.tidemill.client;

import io.tidemill.task.TidemillException;
import io.tidemill.text.Names;
import java.util.Collection;
import java.util.TreeSet;

/** A task was named that is not registered in this process. */
public final class UnknownTaskException extends TidemillException {

    private static final long serialVersionUID = 1L;

    /** No task has this name; these are registered. */
    public UnknownTaskException(String name, Collection<String> registered) {
        super("no task named \"" + name + "\" is registered"
                + Names.nearest(name, registered)
                        .map(near -> "; did you mean \"" + near + "\"?")
                        .orElse("; registered are " + new TreeSet<>(registered) + ".")
                + " To enqueue tasks of other programs, build the queue with checkTaskNames(false).");
    }
}
