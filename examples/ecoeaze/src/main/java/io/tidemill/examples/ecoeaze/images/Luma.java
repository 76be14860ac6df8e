package io.tidemill.examples.ecoeaze.images;

import java.awt.image.BufferedImage;

/**
 * The brightness of a picture, pixel by pixel, as ITU-R BT.601 weighs the colours: 0.299 red, 0.587 green, 0.114 blue.
 *
 * @param mean 0 for black to 255 for white
 * @param deviation standard deviation of it
 * @param sharpness variance of its Laplacian: how much each pixel differs from its four neighbours
 */
record Luma(double mean, double deviation, double sharpness) {

    static Luma of(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        double[][] rows = new double[3][];
        Moments brightness = new Moments();
        Moments laplacian = new Moments();
        for (int y = 0; y < height; y++) {
            rows[y % 3] = row(image, y);
            for (double value : rows[y % 3]) {
                brightness.add(value);
            }
            if (y >= 2) {
                double[] above = rows[(y - 2) % 3];
                double[] middle = rows[(y - 1) % 3];
                double[] below = rows[y % 3];
                for (int x = 1; x < width - 1; x++) {
                    laplacian.add(above[x] + below[x] + middle[x - 1] + middle[x + 1] - 4 * middle[x]);
                }
            }
        }
        return new Luma(brightness.mean(), Math.sqrt(brightness.variance()), laplacian.variance());
    }

    private static double[] row(BufferedImage image, int y) {
        int[] pixels = image.getRGB(0, y, image.getWidth(), 1, null, 0, image.getWidth());
        double[] row = new double[pixels.length];
        for (int x = 0; x < row.length; x++) {
            int pixel = pixels[x];
            row[x] = 0.299 * (pixel >> 16 & 0xFF) + 0.587 * (pixel >> 8 & 0xFF) + 0.114 * (pixel & 0xFF);
        }
        return row;
    }

    /** Mean and variance of numbers that are seen once. */
    private static final class Moments {

        private long count;
        private double sum;
        private double squares;

        void add(double value) {
            count++;
            sum += value;
            squares += value * value;
        }

        double mean() {
            return count == 0 ? 0 : sum / count;
        }

        double variance() {
            return count == 0 ? 0 : Math.max(0, squares / count - mean() * mean());
        }
    }
}
