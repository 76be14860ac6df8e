package io.tidemill.message;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of an exception: three texts, bounded, and never an object. Rendering cannot fail, whatever the
 * exception does in its own methods.
 *
 * <p>Immutable.
 *
 * @param type the exception's class name; at most {@value #MAX_TYPE} characters
 * @param message its message; at most {@value #MAX_MESSAGE} characters
 * @param stack its stack trace with causes; at most {@value #MAX_STACK} characters
 */
public record Failure(String type, String message, String stack) {

    /** Longest type, in characters. */
    public static final int MAX_TYPE = 256;

    /** Longest message, in characters. */
    public static final int MAX_MESSAGE = 2048;

    /** Longest stack trace, in characters. */
    public static final int MAX_STACK = 8192;

    private static final int MAX_CAUSES = 10;
    private static final int MAX_FRAMES = 12;
    private static final int MAX_CAUSE_MESSAGE = 300;

    /** Cuts what is too long. */
    public Failure {
        type = cut(type, MAX_TYPE);
        message = cut(message, MAX_MESSAGE);
        stack = cut(stack, MAX_STACK);
    }

    /** A failure without an exception. */
    public static Failure of(String type, String message) {
        return new Failure(type, message, "");
    }

    /** What is kept of this exception. */
    public static Failure of(Throwable thrown) {
        return new Failure(thrown.getClass().getName(), messageOf(thrown), stackOf(thrown));
    }

    /** Type and message in one line, without the package of the type: {@code IllegalStateException: no such user}. */
    public String line() {
        String shortType = type.substring(type.lastIndexOf('.') + 1);
        String first = message.lines().findFirst().orElse("");
        return first.isEmpty() ? shortType : shortType + ": " + first;
    }

    /** {@link #line}, and below it the stack trace if there is one: several lines. */
    public String lines() {
        return stack.isEmpty() ? line() : line() + '\n' + stack.stripTrailing();
    }

    /** {@link #line}. */
    @Override
    public String toString() {
        return line();
    }

    private static String messageOf(Throwable thrown) {
        try {
            String message = thrown.getMessage();
            return message == null ? "" : message;
        } catch (Throwable t) {
            return "(its getMessage() threw " + t.getClass().getName() + ")";
        }
    }

    /**
     * Every cause with its first frames. The whole trace would often be cut before its last "Caused by", which is the
     * line that matters, when frameworks add frames.
     */
    private static String stackOf(Throwable thrown) {
        StringBuilder text = new StringBuilder();
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Throwable each = thrown;
                each != null && seen.size() < MAX_CAUSES && seen.add(each);
                each = causeOf(each)) {
            text.append(text.isEmpty() ? "" : "Caused by: ")
                    .append(each.getClass().getName())
                    .append(": ")
                    .append(cut(messageOf(each), MAX_CAUSE_MESSAGE))
                    .append('\n');
            appendFrames(text, each);
        }
        return text.toString();
    }

    private static void appendFrames(StringBuilder text, Throwable thrown) {
        try {
            StackTraceElement[] frames = thrown.getStackTrace();
            for (int i = 0; i < Math.min(frames.length, MAX_FRAMES); i++) {
                text.append("\tat ").append(frames[i]).append('\n');
            }
            if (frames.length > MAX_FRAMES) {
                text.append("\t... ").append(frames.length - MAX_FRAMES).append(" more\n");
            }
        } catch (Throwable t) {
            text.append("\t(its getStackTrace() threw ")
                    .append(t.getClass().getName())
                    .append(")\n");
        }
    }

    private static @Nullable Throwable causeOf(Throwable thrown) {
        try {
            return thrown.getCause();
        } catch (Throwable t) {
            return null;
        }
    }

    private static String cut(String text, int max) {
        return text.length() <= max ? text : text.substring(0, max);
    }
}
