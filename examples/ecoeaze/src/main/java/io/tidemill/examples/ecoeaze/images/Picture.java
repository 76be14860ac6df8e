package io.tidemill.examples.ecoeaze.images;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import net.coobird.thumbnailator.Thumbnails;

/**
 * A decoded picture, upright. Immutable, as long as nobody draws on it.
 *
 * @param image the pixels
 * @param format what it was read from: {@code "jpg"} or {@code "png"}
 */
record Picture(BufferedImage image, String format) {

    private static final double JPEG_QUALITY = 0.8;

    /** Reads a JPEG or PNG file. */
    static Picture read(Path file) throws IOException {
        return PictureReader.read(file);
    }

    int width() {
        return image.getWidth();
    }

    int height() {
        return image.getHeight();
    }

    /** Makes it smaller, so that neither side is longer than this; never larger. Its proportions stay. */
    Picture fitInto(int edge) throws IOException {
        if (width() <= edge && height() <= edge) {
            return this;
        }
        return new Picture(Thumbnails.of(image).size(edge, edge).asBufferedImage(), format);
    }

    /** The same as a JPEG, which knows no transparency: what was see-through becomes white. */
    Picture asJpeg() {
        BufferedImage opaque = new BufferedImage(width(), height(), BufferedImage.TYPE_INT_RGB);
        Graphics2D canvas = opaque.createGraphics();
        canvas.drawImage(image, 0, 0, Color.WHITE, null);
        canvas.dispose();
        return new Picture(opaque, "jpg");
    }

    /** Encodes it in its format. */
    void writeTo(OutputStream out) throws IOException {
        Thumbnails.Builder<BufferedImage> encoder =
                Thumbnails.of(image).scale(1).outputFormat(format);
        if (format.equals("jpg")) {
            encoder.outputQuality(JPEG_QUALITY);
        }
        encoder.toOutputStream(out);
    }
}
