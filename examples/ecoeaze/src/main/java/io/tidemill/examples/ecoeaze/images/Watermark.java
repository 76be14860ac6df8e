package io.tidemill.examples.ecoeaze.images;

import java.awt.AlphaComposite;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;

/** Writes a text into the lower right corner of a picture, half transparent, in a size that suits the picture. */
final class Watermark {

    private static final int PART_OF_HEIGHT = 18;

    private Watermark() {}

    /** Draws the text on a copy of the picture. */
    static Picture draw(Picture picture, String text) {
        Picture copy = picture.asJpeg();
        BufferedImage image = copy.image();
        Graphics2D canvas = image.createGraphics();
        canvas.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        canvas.setFont(font(canvas, text, image));
        FontMetrics metrics = canvas.getFontMetrics();
        int margin = metrics.getHeight() / 2;
        int x = image.getWidth() - metrics.stringWidth(text) - margin;
        int y = image.getHeight() - margin;
        canvas.setComposite(AlphaComposite.SrcOver.derive(0.6f));
        canvas.setColor(Color.BLACK);
        canvas.drawString(text, x + 1, y + 1);
        canvas.setColor(Color.WHITE);
        canvas.drawString(text, x, y);
        canvas.dispose();
        return copy;
    }

    /** At most half as wide as the picture. */
    private static Font font(Graphics2D canvas, String text, BufferedImage image) {
        Font font = new Font(Font.SANS_SERIF, Font.BOLD, Math.max(8, image.getHeight() / PART_OF_HEIGHT));
        int width = canvas.getFontMetrics(font).stringWidth(text);
        int widest = image.getWidth() / 2;
        return width <= widest ? font : font.deriveFont(Math.max(6f, font.getSize2D() * widest / width));
    }
}
