package io.tidemill.worker;

import java.io.PrintWriter;

/** Exceptions that do harm to whoever looks at them. */
enum Nasty {
    GET_MESSAGE_THROWS {
        @Override
        Throwable make() {
            return new RuntimeException() {
                @Override
                public String getMessage() {
                    throw new IllegalStateException("from getMessage");
                }
            };
        }
    },
    GET_MESSAGE_OVERFLOWS_THE_STACK {
        @Override
        Throwable make() {
            return new RuntimeException() {
                @Override
                @SuppressWarnings("InfiniteRecursion")
                public String getMessage() {
                    return getMessage() + "x";
                }
            };
        }
    },
    GET_CAUSE_THROWS {
        @Override
        Throwable make() {
            return new RuntimeException("bad cause") {
                @Override
                public synchronized Throwable getCause() {
                    throw new IllegalStateException("from getCause");
                }
            };
        }
    },
    TO_STRING_THROWS {
        @Override
        Throwable make() {
            return new RuntimeException("bad text") {
                @Override
                public String toString() {
                    throw new IllegalStateException("from toString");
                }
            };
        }
    },
    STACK_TRACE_IS_NULL {
        @Override
        Throwable make() {
            return new RuntimeException("no stack") {
                @Override
                public StackTraceElement[] getStackTrace() {
                    return null;
                }

                @Override
                public void printStackTrace(PrintWriter out) {
                    throw new StackOverflowError();
                }
            };
        }
    },
    NO_MESSAGE {
        @Override
        Throwable make() {
            return new RuntimeException();
        }
    },
    A_HUNDRED_MEGABYTES {
        @Override
        Throwable make() {
            return new RuntimeException("x".repeat(100 << 20));
        }
    },
    CAUSE_CYCLE {
        @Override
        Throwable make() {
            Exception first = new Exception("first");
            Exception second = new Exception("second", first);
            first.initCause(second);
            return first;
        }
    },
    HALF_A_CHARACTER {
        @Override
        Throwable make() {
            return new RuntimeException("half \uD83D");
        }
    },
    STACK_OVERFLOW {
        @Override
        Throwable make() {
            return new StackOverflowError();
        }
    },
    THREAD_DEATH_LIKE {
        @Override
        Throwable make() {
            return new Error("die") {};
        }
    },
    OUT_OF_MEMORY {
        @Override
        Throwable make() {
            return new OutOfMemoryError("thrown by the task");
        }
    },
    NO_CLASS {
        @Override
        Throwable make() {
            return new ExceptionInInitializerError("static");
        }
    },
    NEITHER_EXCEPTION_NOR_ERROR {
        @Override
        Throwable make() {
            return new Throwable("plain");
        }
    },
    INTERRUPTED_FOR_NO_REASON {
        @Override
        Throwable make() {
            Thread.currentThread().interrupt();
            return new InterruptedException();
        }
    };

    abstract Throwable make();
}
