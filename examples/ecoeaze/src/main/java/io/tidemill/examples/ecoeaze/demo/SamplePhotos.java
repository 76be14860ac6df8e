package io.tidemill.examples.ecoeaze.demo;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RadialGradientPaint;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.coobird.thumbnailator.Thumbnails;

/** Paints photo-like pictures of fruit on a table, since a repository is no place for megabytes of real ones. */
public final class SamplePhotos {

    /**
     * A photo to be uploaded.
     *
     * @param productId what it shows
     * @param file its name
     * @param width in pixels
     * @param height in pixels
     * @param broken whether the upload broke off
     */
    public record Photo(String productId, String file, int width, int height, boolean broken) {}

    private static final List<Photo> ALL = List.of(
            new Photo("apples", "apples.jpg", 2400, 1600, false),
            new Photo("pears", "pears.jpg", 3000, 1000, false),
            new Photo("honey", "honey.jpg", 1600, 2400, false),
            new Photo("eggs", "eggs.jpg", 1800, 1200, false),
            new Photo("tomatoes", "tomatoes.jpg", 2000, 1500, false),
            new Photo("cider", "cider.jpg", 480, 360, false),
            new Photo("basil", "basil.png", 1400, 1400, false),
            new Photo("peppers", "peppers.jpg", 2000, 1333, true));

    private SamplePhotos() {}

    /** Writes all of them: six good JPEGs, a PNG with a transparent background, and a JPEG that ends too early. */
    public static List<Photo> writeTo(Path directory) throws IOException {
        Files.createDirectories(directory);
        for (Photo photo : ALL) {
            try (OutputStream out = Files.newOutputStream(directory.resolve(photo.file()))) {
                byte[] bytes = encode(photo);
                out.write(photo.broken() ? Arrays.copyOf(bytes, bytes.length * 3 / 5) : bytes);
            }
        }
        return ALL;
    }

    private static byte[] encode(Photo photo) throws IOException {
        String format = photo.file().substring(photo.file().lastIndexOf('.') + 1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Thumbnails.Builder<BufferedImage> encoder =
                Thumbnails.of(paint(photo, format.equals("png"))).scale(1).outputFormat(format);
        if (format.equals("jpg")) {
            encoder.outputQuality(0.95);
        }
        encoder.toOutputStream(out);
        return out.toByteArray();
    }

    private static BufferedImage paint(Photo photo, boolean transparent) {
        SplittableRandom random = new SplittableRandom(photo.productId().hashCode());
        int type = transparent ? BufferedImage.TYPE_INT_ARGB : BufferedImage.TYPE_INT_RGB;
        BufferedImage image = new BufferedImage(photo.width(), photo.height(), type);
        Graphics2D canvas = image.createGraphics();
        canvas.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        if (!transparent) {
            Color light = new Color(0xF2E3C9);
            canvas.setPaint(new GradientPaint(0, 0, light, 0, photo.height(), new Color(0x7A5C3E)));
            canvas.fillRect(0, 0, photo.width(), photo.height());
        }
        float hue = (float) random.nextDouble();
        for (int i = 0; i < 24; i++) {
            paintFruit(canvas, photo, hue, random);
        }
        canvas.dispose();
        addGrain(image, random);
        return image;
    }

    private static void paintFruit(Graphics2D canvas, Photo photo, float hue, SplittableRandom random) {
        float radius = Math.min(photo.width(), photo.height()) * (float) (0.06 + 0.08 * random.nextDouble());
        float x = (float) (photo.width() * (0.15 + 0.7 * random.nextDouble()));
        float y = (float) (photo.height() * (0.2 + 0.6 * random.nextDouble()));
        Color skin = Color.getHSBColor(hue + 0.08f * (float) random.nextDouble(), 0.75f, 0.85f);
        canvas.setPaint(new RadialGradientPaint(
                x - radius / 3, y - radius / 3, radius * 1.4f, new float[] {0, 0.4f, 1}, new Color[] {
                    Color.WHITE, skin, skin.darker().darker()
                }));
        canvas.fill(new Ellipse2D.Float(x - radius, y - radius, 2 * radius, 2 * radius));
    }

    /** A camera's noise, without which a painted picture would be far easier to compress than a photo. */
    private static void addGrain(BufferedImage image, SplittableRandom random) {
        int[] row = new int[image.getWidth()];
        for (int y = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, row.length, 1, row, 0, row.length);
            for (int x = 0; x < row.length; x++) {
                int grain = random.nextInt(-8, 9);
                row[x] = (row[x] & 0xFF000000)
                        | (grain(row[x] >> 16, grain) << 16)
                        | (grain(row[x] >> 8, grain) << 8)
                        | grain(row[x], grain);
            }
            image.setRGB(0, y, row.length, 1, row, 0, row.length);
        }
    }

    private static int grain(int colour, int grain) {
        return Math.max(0, Math.min(255, (colour & 0xFF) + grain));
    }
}
