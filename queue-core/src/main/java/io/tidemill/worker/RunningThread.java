package io.tidemill.worker;

import io.tidemill.record.Answer;
import io.tidemill.text.Texts;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the thread of a run was doing at one moment.
 *
 * @param name of the thread
 * @param frames the innermost first
 */
record RunningThread(String name, Thread.State state, List<StackTraceElement> frames) {

    /** Of a recursion without end the first are enough. */
    private static final int MOST_FRAMES = 200;

    /** An answer has room for {@value Answer#MAX_CHARACTERS}, and the frames stand behind a line about the job. */
    private static final int MOST_CHARACTERS = Answer.MAX_CHARACTERS - 1_000;

    private static final int MOST_OF_NAME = 200;

    RunningThread(String name, Thread.State state, StackTraceElement[] frames) {
        this(name, state, List.of(frames));
    }

    /**
     * A run as text: names of classes and methods, and no values.
     *
     * @param thread what its thread does; null if it has none
     */
    static String described(Run run, @Nullable RunningThread thread, Duration ran) {
        String job = "job " + run.jobId() + " of task " + run.task() + ", attempt " + run.attempt() + ", for "
                + Texts.duration(ran) + ", ";
        return thread == null ? job + where(run.stage()) : job + "on thread " + thread.text();
    }

    private static String where(Run.Stage stage) {
        return switch (stage) {
            case CLAIMED -> "its thread has not begun with it";
            case WAITING -> "it waits for a place among the runs of its task, or for its batch";
            case RUNNING -> "no thread of its own is in it: it waits for its stage, or is part of a batch";
            case STORING, RECORDING, DROPPED -> "it has ended and is being recorded";
        };
    }

    private String text() {
        String shown = name.substring(0, Math.min(name.length(), MOST_OF_NAME));
        StringBuilder text = new StringBuilder(shown + " (" + state + ")");
        for (StackTraceElement frame : frames.subList(0, Math.min(frames.size(), MOST_FRAMES))) {
            String line = "\n\tat " + frame;
            if (text.length() + line.length() > MOST_CHARACTERS) {
                return text.append("\n\t...").toString();
            }
            text.append(line);
        }
        return frames.size() > MOST_FRAMES ? text.append("\n\t...").toString() : text.toString();
    }
}
