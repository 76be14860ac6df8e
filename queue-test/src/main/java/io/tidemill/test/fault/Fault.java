package io.tidemill.test.fault;

/** What may happen to a request on its way to Redis, or to the answer on its way back. */
public enum Fault {
    /** Nothing. */
    NONE,
    /** Redis executes the request; its answer is thrown away and the connection closed. */
    LOST_REPLY,
    /**
     * Redis executes the request; its answer and everything after it on this connection is swallowed, and the
     * connection stays open. So do further requests on it reach Redis and are executed, and the client learns nothing.
     */
    SILENCE,
    /** The answer, and what follows it on this connection, comes late. */
    DELAY,
    /** The connection is reset before the request has reached Redis. */
    RESET,
    /**
     * The request is answered, and a while later reaches Redis once more, on another connection: a copy that hung in a
     * buffer. The answer to that is thrown away.
     */
    STRAGGLER
}
