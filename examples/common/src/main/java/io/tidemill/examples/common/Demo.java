package io.tidemill.examples.common;

import io.tidemill.task.TidemillException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** The frame of a demo: a deadline, what is printed when it cannot go on, and the exit code. */
public final class Demo {

    /** A quiet machine needs a fraction of these; one that is busy is not refused for being slow. */
    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private static final Duration GRACE = Duration.ofSeconds(5);

    private Demo() {}

    /** What a demo does. */
    @FunctionalInterface
    public interface Day {
        /**
         * Runs with these environment variables, and prints what happens.
         *
         * @return whether all happened that should
         */
        boolean run(Map<String, String> environment, PrintStream out) throws Exception;
    }

    /**
     * Runs a demo, and ends this process: with 0 if all happened that should, 1 if something did not, 2 if the demo
     * could not go on or took more than five minutes.
     */
    public static void exitAfter(Day day) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        abortAfterDeadline(out);
        try {
            System.exit(day.run(System.getenv(), out) ? 0 : 1);
        } catch (TidemillException | IllegalArgumentException e) {
            out.println("the demo broke off: " + e.getMessage());
            System.exit(2);
        } catch (Throwable t) {
            out.println("the demo broke off");
            t.printStackTrace(out);
            System.exit(2);
        }
    }

    /** Whatever goes wrong, a demo that hangs is worse than one that fails. Lets it clean up, if it still can. */
    private static void abortAfterDeadline(PrintStream out) {
        Thread demo = Thread.currentThread();
        Thread guard = new Thread(
                () -> {
                    try {
                        Thread.sleep(DEADLINE.toMillis());
                        out.println("not done after " + DEADLINE.toSeconds() + " s");
                        demo.interrupt();
                        Thread.sleep(GRACE.toMillis());
                        Runtime.getRuntime().halt(2);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "deadline");
        guard.setDaemon(true);
        guard.start();
    }
}
