package io.tidemill.conformance.fault;

/** What may happen to a request on its way to Redis, or to the answer on its way back. */
public enum Fault {
    /** Nothing. */
    NONE,
    /** Redis executes the request; its answer is thrown away and the connection closed. */
    LOST_REPLY,
    /**
     * Redis executes the request; its answer and everything after it on this connection is dropped, and the connection
     * stays open. So do further requests on it reach Redis and are executed, and the client learns nothing.
     */
    SILENCE,
    /** The answer, and what follows it on this connection, comes late. */
    DELAY,
    /** The connection is reset before the request has reached Redis. */
    RESET,
    /**
     * The request reaches Redis, and a while later a copy of it does, too, on another connection, whether or not the
     * client has kept its own by then. The answer to the copy is thrown away.
     */
    STRAGGLER,
    /**
     * The connection is closed before the request has reached Redis, which it does a while later all the same: bytes of
     * a connection that the client has given up. So the client sends it again, and the first one comes last.
     */
    HELD_BACK
}
