package io.tidemill.examples.common;

import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.Consumer;

/** Prints one line per event: when, which task, which job, what. */
public final class Timeline implements Consumer<JobLog.Entry> {

    private final PrintStream out;
    private final String format;

    /**
     * Prints here.
     *
     * @param taskWidth the width of the column for tasks, in characters
     * @param jobWidth the width of the column for ids of jobs, in characters
     */
    public Timeline(PrintStream out, int taskWidth, int jobWidth) {
        this.out = out;
        this.format = "%+9.3fs  %-" + taskWidth + "s  %-" + jobWidth + "s  %s";
    }

    @Override
    public void accept(JobLog.Entry entry) {
        JobEvent event = entry.event();
        out.println(String.format(
                        Locale.ROOT, format, entry.at().toNanos() / 1e9, event.task(), event.jobId(), describe(event))
                .stripTrailing());
    }

    private static String describe(JobEvent event) {
        if (event instanceof QueueEvent.Enqueued) {
            return "enqueued";
        } else if (event instanceof QueueEvent.Started started) {
            return words("started", "attempt " + started.attempt());
        } else if (event instanceof QueueEvent.Succeeded done) {
            return words("done", "in " + done.took().toMillis() + " ms");
        } else if (event instanceof QueueEvent.Retrying retry) {
            return words(
                    "retrying",
                    "attempt " + retry.attempt() + ": " + retry.error() + ", again in "
                            + retry.delay().toMillis() + " ms");
        } else if (event instanceof QueueEvent.Died died) {
            return words("dead", "attempt " + died.attempt() + ": " + died.reason());
        } else if (event instanceof QueueEvent.Released released) {
            return words("released", released.reason());
        } else if (event instanceof QueueEvent.Cancelled cancelled) {
            return words("cancelled", cancelled.reason());
        }
        return event.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    private static String words(String what, String details) {
        return "%-9s  %s".formatted(what, details);
    }
}
