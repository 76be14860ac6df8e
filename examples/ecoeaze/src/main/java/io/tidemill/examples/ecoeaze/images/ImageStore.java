package io.tidemill.examples.ecoeaze.images;

import java.nio.file.Path;

/**
 * Where uploads are and finished pictures go. Names come out of jobs, so they are checked.
 *
 * @param uploads photos as farmers uploaded them
 * @param images finished pictures, in {@code optimized}, {@code thumbnails} and {@code watermarked}
 */
public record ImageStore(Path uploads, Path images) {

    /** An uploaded file. */
    Path upload(String file) {
        Path path = uploads.resolve(file).normalize();
        if (!path.startsWith(uploads.normalize())) {
            throw new IllegalArgumentException("'" + file + "' is not among the uploads");
        }
        return path;
    }

    /** The picture that the shop shows. */
    Path optimized(String productId) {
        return images.resolve("optimized").resolve(check(productId) + ".jpg");
    }

    /** A thumbnail of it. */
    Path thumbnail(String productId, int edge, String format) {
        return images.resolve("thumbnails").resolve(check(productId) + "-" + edge + "." + format);
    }

    /** The picture with its farm's name on it. */
    Path watermarked(String productId) {
        return images.resolve("watermarked").resolve(check(productId) + ".jpg");
    }

    private static String check(String productId) {
        if (!productId.matches("[a-z0-9-]{1,64}")) {
            throw new IllegalArgumentException("'" + productId + "' is not a product id, [a-z0-9-]{1,64}");
        }
        return productId;
    }
}
