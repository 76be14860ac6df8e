package io.tidemill.examples.common;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Compares what happened with what should have happened, and counts. Confined to one thread. */
public final class Checks {

    private final List<String> failures = new ArrayList<>();
    private int count;

    /** A group of comparisons. */
    @FunctionalInterface
    public interface Section {
        /** Compares. */
        void check() throws Exception;
    }

    /** Makes a group of comparisons, and notes it if they could not be made. */
    public void section(String what, Section section) {
        try {
            section.check();
        } catch (Exception e) {
            that(what, false, e.toString());
        }
    }

    /** Notes a difference between the two. */
    public void equal(String what, @Nullable Object expected, @Nullable Object actual) {
        that(what, Objects.equals(expected, actual), "expected " + expected + ", got " + actual);
    }

    /** Notes that something is not so. */
    public void that(String what, boolean holds, String otherwise) {
        count++;
        if (!holds) {
            failures.add(what + ": " + otherwise);
        }
    }

    /** How many comparisons there were. */
    public int count() {
        return count;
    }

    /** Prints how many comparisons there were, and each that failed. */
    public void print(PrintStream out) {
        if (failures.isEmpty()) {
            out.println("all " + count + " checks passed");
        } else {
            out.println(failures.size() + " of " + count + " checks failed");
            failures.forEach(failure -> out.println("  " + failure));
        }
    }

    /** Whether nothing differed. */
    public boolean passed() {
        return failures.isEmpty();
    }

    /** What differed, one line each. */
    public List<String> failures() {
        return List.copyOf(failures);
    }
}
