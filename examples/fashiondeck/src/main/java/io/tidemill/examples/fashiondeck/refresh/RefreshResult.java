package io.tidemill.examples.fashiondeck.refresh;

/**
 * What a refresh did.
 *
 * @param products how many products the marketplace gave
 * @param changed how many of them need a new vector
 */
public record RefreshResult(int products, int changed) {}
