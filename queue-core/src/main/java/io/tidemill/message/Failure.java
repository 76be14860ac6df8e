package io.tidemill.message;

import java.io.PrintWriter;
import java.io.Writer;

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

    private static String messageOf(Throwable thrown) {
        try {
            String message = thrown.getMessage();
            return message == null ? "" : message;
        } catch (Throwable t) {
            return "(its getMessage() threw " + t.getClass().getName() + ")";
        }
    }

    private static String stackOf(Throwable thrown) {
        BoundedWriter text = new BoundedWriter();
        try {
            thrown.printStackTrace(new PrintWriter(text));
        } catch (Full full) {
            // As much as fits is what was wanted.
        } catch (Throwable t) {
            text.append("(its printStackTrace() threw ")
                    .append(t.getClass().getName())
                    .append(')');
        }
        return text.toString();
    }

    private static String cut(String text, int max) {
        return text.length() <= max ? text : text.substring(0, max);
    }

    /** Stops a huge trace while it is being written, instead of cutting it afterwards. */
    private static final class BoundedWriter extends Writer {

        private final StringBuilder text = new StringBuilder();

        @Override
        public void write(char[] chars, int offset, int length) {
            text.append(chars, offset, Math.min(length, MAX_STACK - text.length()));
            if (text.length() >= MAX_STACK) {
                throw new Full();
            }
        }

        @Override
        public BoundedWriter append(CharSequence more) {
            text.append(more);
            return this;
        }

        @Override
        public BoundedWriter append(char c) {
            text.append(c);
            return this;
        }

        @Override
        public String toString() {
            return text.toString();
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    private static final class Full extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Full() {
            super(null, null, false, false);
        }
    }
}
