package io.tidemill.examples.ecoeaze.images;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import net.coobird.thumbnailator.util.exif.ExifFilterUtils;
import net.coobird.thumbnailator.util.exif.ExifUtils;
import net.coobird.thumbnailator.util.exif.Orientation;

/** Decodes uploads, which come from phones and over bad lines, and trusts none of them. */
final class PictureReader {

    /** A small file can claim to be a huge picture; more than this is not decoded. */
    private static final long MAX_PIXELS = 50_000_000;

    private static final Map<String, String> FORMATS = Map.of("jpeg", "jpg", "png", "png");

    private PictureReader() {}

    /**
     * Reads a JPEG or PNG file.
     *
     * @throws BrokenImageException if it is damaged
     * @throws IllegalArgumentException if it is something else, or too large
     */
    static Picture read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString());
        }
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new IllegalArgumentException(file.getFileName() + " is not a picture");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in);
                return read(file, reader);
            } finally {
                reader.dispose();
            }
        }
    }

    private static Picture read(Path file, ImageReader reader) throws IOException {
        String format = FORMATS.get(reader.getFormatName().toLowerCase(Locale.ROOT));
        if (format == null) {
            throw new IllegalArgumentException(
                    file.getFileName() + " is " + reader.getFormatName() + "; only JPEG and PNG are taken");
        }
        BufferedImage image = decode(file, reader);
        return new Picture(format.equals("jpg") ? upright(image, reader) : image, format);
    }

    /** Phones store what the sensor saw and note in the JPEG's EXIF part how they were held. */
    private static BufferedImage upright(BufferedImage image, ImageReader reader) throws IOException {
        try {
            Orientation orientation = ExifUtils.getExifOrientation(reader, 0);
            return orientation == null
                    ? image
                    : ExifFilterUtils.getFilterForOrientation(orientation).apply(image);
        } catch (IIOException e) {
            // ImageIO is strict about the notes in a JPEG; a good picture with bad notes is still a good picture
            return image;
        }
    }

    private static BufferedImage decode(Path file, ImageReader reader) throws IOException {
        List<String> warnings = new ArrayList<>();
        reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
        try {
            long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
            if (pixels > MAX_PIXELS) {
                throw new IllegalArgumentException(
                        file.getFileName() + " has " + pixels + " pixels; at most " + MAX_PIXELS + " are taken");
            }
            BufferedImage image = reader.read(0);
            // A JPEG that ends too early is no error to ImageIO: it fills the rest with grey and mentions it
            for (String warning : warnings) {
                if (warning.toLowerCase(Locale.ROOT).contains("premature end")) {
                    throw new BrokenImageException(file.getFileName() + " is damaged: " + warning, null);
                }
            }
            return image;
        } catch (BrokenImageException e) {
            throw e;
        } catch (IOException | IndexOutOfBoundsException e) {
            throw new BrokenImageException(file.getFileName() + " is damaged: " + e.getMessage(), e);
        }
    }
}
