package io.tidemill.task;

import io.tidemill.text.Texts;
import java.util.List;

/** Everything that is wrong with a configuration, in one error, so that all of it can be corrected at once. */
public final class ConfigurationException extends TidemillException {

    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    /**
     * Reports the problems.
     *
     * @param what what could not be configured, for example "TaskQueue"
     * @param problems one line each: expected, got, remedy; at least one
     */
    public ConfigurationException(String what, List<String> problems) {
        super(what + " cannot be built, " + Texts.count(problems.size(), "problem") + ":" + "\n  - "
                + String.join("\n  - ", problems));
        this.problems = List.copyOf(problems);
    }

    /** The problems, one line each. */
    public List<String> problems() {
        return problems;
    }
}
