package io.tidemill.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.api.Test;

class FailureTest {

    @Test
    void an_exception_is_kept_as_three_texts() {
        Failure failure = Failure.of(shallow(new IllegalStateException("no route", shallow(new IOException("cable")))));

        assertThat(failure.type()).isEqualTo("java.lang.IllegalStateException");
        assertThat(failure.message()).isEqualTo("no route");
        assertThat(failure.stack())
                .startsWith("java.lang.IllegalStateException: no route")
                .contains("at " + FailureTest.class.getName())
                .contains("Caused by: java.io.IOException: cable");
    }

    /** With the first frames only: a test runner's stack is so deep that causes come after the cut. */
    private static <X extends Throwable> X shallow(X thrown) {
        thrown.setStackTrace(Arrays.copyOf(thrown.getStackTrace(), 3));
        return thrown;
    }

    @Test
    void a_missing_message_is_empty() {
        assertThat(Failure.of(new IllegalStateException()).message()).isEmpty();
    }

    @Test
    void everything_is_bounded() {
        Failure failure = new Failure("t".repeat(10_000), "m".repeat(10_000), "s".repeat(100_000));

        assertThat(failure.type()).hasSize(Failure.MAX_TYPE);
        assertThat(failure.message()).hasSize(Failure.MAX_MESSAGE);
        assertThat(failure.stack()).hasSize(Failure.MAX_STACK);
    }

    @Test
    void a_message_of_a_hundred_megabytes_is_cut() {
        Failure failure = Failure.of(new IllegalStateException("m".repeat(100_000_000)));

        assertThat(failure.message()).hasSize(Failure.MAX_MESSAGE);
        assertThat(failure.stack())
                .hasSizeLessThan(Failure.MAX_STACK)
                .startsWith("java.lang.IllegalStateException: mmm");
    }

    @Test
    void the_last_cause_is_kept_below_deep_stacks() {
        Throwable deep = new RuntimeException("outer", new RuntimeException("middle", new IOException("the reason")));
        StackTraceElement frame = new StackTraceElement("some.framework.Proxy", "invoke", "Proxy.java", 1);
        for (Throwable each = deep; each != null; each = each.getCause()) {
            each.setStackTrace(Collections.nCopies(500, frame).toArray(StackTraceElement[]::new));
        }

        assertThat(Failure.of(deep).stack())
                .contains("Caused by: java.io.IOException: the reason")
                .contains("... 488 more");
    }

    @Test
    void a_deep_chain_of_causes_is_cut() {
        Throwable chain = new IOException("root");
        for (int i = 0; i < 2000; i++) {
            chain = new RuntimeException("cause " + i, chain);
        }

        assertThat(Failure.of(chain).stack())
                .hasSizeLessThanOrEqualTo(Failure.MAX_STACK)
                .contains("cause 1995");
    }

    @Test
    void a_cycle_of_causes_ends() {
        Exception a = shallow(new Exception("a"));
        a.initCause(shallow(new Exception("b", a)));

        assertThat(Failure.of(a).stack()).containsOnlyOnce("Caused by");
    }

    @Test
    void an_exception_whose_message_throws_is_kept() {
        Failure failure = Failure.of(new RuntimeException() {
            @Override
            public String getMessage() {
                throw new UnsupportedOperationException("nasty");
            }
        });

        assertThat(failure.message()).isEqualTo("(its getMessage() threw java.lang.UnsupportedOperationException)");
        assertThat(failure.stack()).contains("threw java.lang.UnsupportedOperationException");
    }

    @Test
    void an_exception_whose_message_never_ends_is_kept() {
        Failure failure = Failure.of(new RuntimeException() {
            @Override
            @SuppressWarnings("InfiniteRecursion")
            public String getMessage() {
                return getMessage() + "!";
            }
        });

        assertThat(failure.message()).isEqualTo("(its getMessage() threw java.lang.StackOverflowError)");
    }

    @Test
    void an_exception_whose_frames_and_cause_throw_is_kept() {
        Failure failure = Failure.of(new RuntimeException("m") {
            @Override
            public StackTraceElement[] getStackTrace() {
                throw new IllegalStateException();
            }

            @Override
            public synchronized Throwable getCause() {
                throw new IllegalStateException();
            }
        });

        assertThat(failure.stack()).contains("(its getStackTrace() threw java.lang.IllegalStateException)");
    }
}
