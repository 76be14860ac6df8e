package io.tidemill.examples.ecoeaze.images;

/**
 * A photo that a farmer uploaded.
 *
 * @param productId what it shows
 * @param file its name among the uploads
 */
public record Upload(String productId, String file) {}
