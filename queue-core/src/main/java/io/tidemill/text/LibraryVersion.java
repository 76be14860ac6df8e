package io.tidemill.text;

/**
 * The version of Tidemill. A constant, and not read from a manifest: that of a jar with many libraries in it is
 * another's.
 */
public final class LibraryVersion {

    /** As in the POM. */
    public static final String TEXT = "0.1.0-SNAPSHOT";

    private LibraryVersion() {}
}
