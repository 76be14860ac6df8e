package io.tidemill.examples.ecoeaze.images;

/**
 * A product photo was made small enough for the web.
 *
 * @param productId whose photo
 * @param path the JPEG file
 * @param width in pixels
 * @param height in pixels
 * @param bytesBefore size of the upload
 * @param bytesAfter size of the file
 */
public record OptimizedImage(String productId, String path, int width, int height, long bytesBefore, long bytesAfter) {}
