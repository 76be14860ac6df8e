package io.tidemill.examples.engreene.sessions;

/** What a user is. */
public enum Role {
    /** Asks and books. */
    CLIENT,
    /** Sells. */
    VENDOR,
    /** Runs the marketplace. */
    ADMIN
}
