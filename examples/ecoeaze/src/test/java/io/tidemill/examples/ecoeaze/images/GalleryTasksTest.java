package io.tidemill.examples.ecoeaze.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tidemill.examples.ecoeaze.TestRedis;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.ConvolveOp;
import java.awt.image.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GalleryTasksTest {

    private static final Instant NOON = Instant.parse("2026-03-10T12:00:00Z");

    private final ImageCatalog catalog = new ImageCatalog(TestRedis.empty());

    @TempDir
    Path directory;

    private GalleryTasks tasks;

    @BeforeEach
    void create() throws IOException {
        Path uploads = Files.createDirectory(directory.resolve("uploads"));
        tasks = new GalleryTasks(
                new ImageStore(uploads, directory.resolve("out")), catalog, Clock.fixed(NOON, ZoneOffset.UTC));
    }

    @Test
    void writesTheFarmIntoTheLowerRightCorner() throws Exception {
        upload("honey.png", plain(600, 400, 120));
        upload("eggs.png", plain(2400, 1200, 120));

        List<String> paths = tasks.watermarkProductImages(
                "f-102", List.of(new Upload("honey", "honey.png"), new Upload("eggs", "eggs.png")));

        assertThat(paths)
                .containsExactly(
                        directory.resolve("out/watermarked/honey.jpg").toString(),
                        directory.resolve("out/watermarked/eggs.jpg").toString());
        BufferedImage honey = ImageIO.read(Path.of(paths.get(0)).toFile());
        assertThat(List.of(honey.getWidth(), honey.getHeight())).containsExactly(600, 400);
        assertThat(changed(honey, 0, 0, 300, 400)).isZero();
        assertThat(changed(honey, 300, 0, 600, 300)).isZero();
        assertThat(changed(honey, 300, 300, 600, 400)).isBetween(300L, 9000L);
        BufferedImage eggs = ImageIO.read(Path.of(paths.get(1)).toFile());
        assertThat(List.of(eggs.getWidth(), eggs.getHeight())).containsExactly(1200, 600);
    }

    @Test
    void marksNothingForAFarmerWhomNobodyKnows() {
        assertThatThrownBy(() -> tasks.watermarkProductImages("f-999", List.of(new Upload("honey", "honey.png"))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void findsNothingWrongWithAGoodPhoto() throws Exception {
        upload("honey.png", grain(1200, 800, 40, 180));

        ImageQuality quality = tasks.analyzeImageQuality("honey", "honey.png");

        assertThat(quality.suggestions()).isEmpty();
        assertThat(quality.score()).isEqualTo(100);
        assertThat(quality.brightness()).isBetween(105.0, 115.0);
        assertThat(catalog.findQuality("honey")).containsEntry("score", "100").containsEntry("suggestions", "");
        assertThat(catalog.findQuality("eggs")).isEmpty();
    }

    @Test
    void noticesABlurredPhoto() throws Exception {
        BufferedImage sharp = edges(1280, 800);
        upload("sharp.png", sharp);
        upload("blurred.png", blur(sharp));

        ImageQuality quality = tasks.analyzeImageQuality("honey", "blurred.png");

        assertThat(quality.suggestions()).containsExactly("Hold the camera still, or focus: the photo is blurred.");
        assertThat(quality.score()).isEqualTo(75);
        assertThat(tasks.analyzeImageQuality("honey", "sharp.png").sharpness()).isGreaterThan(10 * quality.sharpness());
    }

    @Test
    void noticesAPhotoThatIsDarkAndSmall() throws Exception {
        upload("honey.png", grain(300, 200, 0, 40));

        ImageQuality quality = tasks.analyzeImageQuality("honey", "honey.png");

        assertThat(quality.suggestions())
                .containsExactly(
                        "Take a larger photo: its longer side should have 1200 pixels.",
                        "Use more light: the photo is too dark.",
                        "Choose another background: the photo has little contrast.");
        assertThat(quality.score()).isEqualTo(25);
        assertThat(catalog.findQuality("honey").get("suggestions").lines()).hasSize(3);
    }

    @Test
    void noticesAPhotoThatIsTooBright() throws Exception {
        upload("honey.png", plain(1200, 800, 250));

        assertThat(tasks.analyzeImageQuality("honey", "honey.png").suggestions())
                .contains("Use less light: the photo is too bright.");
    }

    @Test
    void weighsColoursAsTheEyeDoes() {
        BufferedImage green = new BufferedImage(10, 10, BufferedImage.TYPE_INT_RGB);
        Graphics2D canvas = green.createGraphics();
        canvas.setColor(Color.GREEN);
        canvas.fillRect(0, 0, 10, 10);
        canvas.dispose();

        assertThat(Luma.of(green).mean()).isEqualTo(0.587 * 255, within(1e-6));
        assertThat(Luma.of(green).deviation()).isLessThan(1e-3);
        assertThat(Luma.of(green).sharpness()).isZero();
    }

    @Test
    void removesOldFilesThatWereLeftHalfWritten() throws Exception {
        Path old = file("out/thumbnails/.honey-150.jpg.1.part", Duration.ofDays(2), 700);
        Path older = file("out/reports/.sales.xlsx.2.part", Duration.ofDays(9), 300);
        Path beingWritten = file("out/thumbnails/.eggs-150.jpg.3.part", Duration.ofMinutes(1), 100);
        Path finished = file("out/thumbnails/honey-150.jpg", Duration.ofDays(30), 100);

        Cleanup cleanup = tasks.cleanupOldImages(Duration.ofDays(1));

        assertThat(cleanup).isEqualTo(new Cleanup(2, 1000));
        assertThat(List.of(old, older)).noneMatch(Files::exists);
        assertThat(List.of(beingWritten, finished)).allMatch(Files::exists);
        assertThat(tasks.cleanupOldImages(Duration.ofDays(1))).isEqualTo(new Cleanup(0, 0));
    }

    @Test
    void hasNothingToCleanUpBeforeTheFirstFile() throws Exception {
        assertThat(tasks.cleanupOldImages(Duration.ofDays(1))).isEqualTo(new Cleanup(0, 0));
    }

    private Path file(String name, Duration age, int bytes) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, new byte[bytes]);
        return Files.setLastModifiedTime(file, FileTime.from(NOON.minus(age)));
    }

    private void upload(String name, BufferedImage image) throws IOException {
        ImageIO.write(image, "png", directory.resolve("uploads").resolve(name).toFile());
    }

    private static long changed(BufferedImage image, int left, int top, int right, int bottom) {
        long changed = 0;
        for (int y = top; y < bottom; y++) {
            for (int x = left; x < right; x++) {
                changed += Math.abs((image.getRGB(x, y) & 0xFF) - 120) > 20 ? 1 : 0;
            }
        }
        return changed;
    }

    private static BufferedImage plain(int width, int height, int brightness) {
        return grain(width, height, brightness, brightness + 1);
    }

    private static BufferedImage grain(int width, int height, int least, int most) {
        SplittableRandom random = new SplittableRandom(1);
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] row = new int[width];
        for (int y = 0; y < height; y++) {
            Arrays.setAll(row, x -> random.nextInt(least, most) * 0x010101);
            image.setRGB(0, y, width, 1, row, 0, width);
        }
        return image;
    }

    /** Stripes, black and white. */
    private static BufferedImage edges(int width, int height) {
        BufferedImage image = plain(width, height, 20);
        Graphics2D canvas = image.createGraphics();
        canvas.setColor(Color.WHITE);
        for (int x = 0; x < width; x += 80) {
            canvas.fillRect(x, 0, 40, height);
        }
        canvas.dispose();
        return image;
    }

    private static BufferedImage blur(BufferedImage image) {
        float[] weights = new float[31];
        Arrays.fill(weights, 1f / weights.length);
        // Wider than needed, so that the border that is not blurred can be cut off
        BufferedImage blurred = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
        new ConvolveOp(new Kernel(weights.length, 1, weights), ConvolveOp.EDGE_NO_OP, null).filter(image, blurred);
        return blurred.getSubimage(40, 0, image.getWidth() - 80, image.getHeight());
    }
}
