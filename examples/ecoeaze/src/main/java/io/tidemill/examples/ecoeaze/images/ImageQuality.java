package io.tidemill.examples.ecoeaze.images;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * How good a photo is for the shop.
 *
 * @param productId whose photo
 * @param width in pixels
 * @param height in pixels
 * @param sharpness variance of the Laplacian of the brightness (Pech-Pacheco, Cristóbal, Chamorro-Martínez,
 *     Fernández-Valdivia, "Diatom autofocusing in brightfield microscopy", 2000); below 60 a photo looks blurred
 * @param brightness mean of the brightness, 0 for black to 255 for white
 * @param contrast standard deviation of the brightness
 * @param score 0 to 100: 25 points each for size, sharpness, brightness and contrast
 * @param suggestions what to do better, one sentence each
 */
public record ImageQuality(
        String productId,
        int width,
        int height,
        double sharpness,
        double brightness,
        double contrast,
        int score,
        List<String> suggestions) {

    private static final int POINTS = 25;
    private static final double BLURRED = 60;
    private static final double DARK = 60;
    private static final double PALE = 200;
    private static final double FLAT = 25;

    /** Measures a picture. */
    static ImageQuality of(String productId, BufferedImage image) {
        Luma luma = Luma.of(image);
        List<String> suggestions = new ArrayList<>();
        if (Math.max(image.getWidth(), image.getHeight()) < ImageTasks.SHOP_EDGE) {
            suggestions.add("Take a larger photo: its longer side should have " + ImageTasks.SHOP_EDGE + " pixels.");
        }
        if (luma.sharpness() < BLURRED) {
            suggestions.add("Hold the camera still, or focus: the photo is blurred.");
        }
        if (luma.mean() < DARK) {
            suggestions.add("Use more light: the photo is too dark.");
        } else if (luma.mean() > PALE) {
            suggestions.add("Use less light: the photo is too bright.");
        }
        if (luma.deviation() < FLAT) {
            suggestions.add("Choose another background: the photo has little contrast.");
        }
        return new ImageQuality(
                productId,
                image.getWidth(),
                image.getHeight(),
                round(luma.sharpness()),
                round(luma.mean()),
                round(luma.deviation()),
                4 * POINTS - POINTS * suggestions.size(),
                suggestions);
    }

    private static double round(double value) {
        return Math.round(value * 10) / 10.0;
    }
}
