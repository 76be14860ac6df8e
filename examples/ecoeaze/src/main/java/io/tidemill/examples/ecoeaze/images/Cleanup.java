package io.tidemill.examples.ecoeaze.images;

/**
 * What was removed.
 *
 * @param files how many files
 * @param bytes how large they were together
 */
public record Cleanup(int files, long bytes) {}
