package io.tidemill.examples.fashiondeck.demo;

import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.Consumer;

/** Prints one line per event: when, which task, which job, what. */
public final class Timeline implements Consumer<JobEvent> {

    private final long began = System.nanoTime();
    private final PrintStream out;

    /** Prints here. */
    public Timeline(PrintStream out) {
        this.out = out;
    }

    @Override
    public void accept(JobEvent event) {
        double seconds = (System.nanoTime() - began) / 1e9;
        out.println(String.format(
                        Locale.ROOT, "%+8.3fs  %-18s  %-38s  %s", seconds, event.task(), event.jobId(), describe(event))
                .stripTrailing());
    }

    private static String describe(JobEvent event) {
        if (event instanceof QueueEvent.Started started) {
            return "started, attempt " + started.attempt();
        } else if (event instanceof QueueEvent.Succeeded done) {
            return "done in " + done.took().toMillis() + " ms";
        } else if (event instanceof QueueEvent.Retrying retry) {
            return "failed: " + retry.error() + "; again in " + retry.delay().toMillis() + " ms";
        } else if (event instanceof QueueEvent.Died died) {
            return "dead: " + died.reason();
        }
        return event.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }
}
