package io.tidemill.examples.ecoeaze.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.test.redis.RedisServer;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageTasksTest {

    private static RedisServer server;
    private static RedisClient client;
    private static StatefulRedisConnection<String, String> redis;

    @TempDir
    Path directory;

    private ImageCatalog catalog;
    private ImageTasks tasks;

    @BeforeAll
    static void start() {
        server = RedisServer.start();
        client = RedisClient.create(server.uri());
        redis = client.connect();
    }

    @AfterAll
    static void stop() {
        client.shutdown();
        server.close();
    }

    @BeforeEach
    void create() throws IOException {
        redis.sync().flushall();
        catalog = new ImageCatalog(redis);
        tasks = new ImageTasks(new ImageStore(Files.createDirectory(directory.resolve("uploads")), directory), catalog);
    }

    @ParameterizedTest
    @CsvSource({
        "2400,1600,1200,800",
        "1600,2400,800,1200",
        "3000,1000,1200,400",
        "1200,1200,1200,1200",
        "480,360,480,360"
    })
    void makesAPhotoFitForTheShop(int width, int height, int newWidth, int newHeight) throws Exception {
        upload("honey.jpg", photo(width, height));

        OptimizedImage result = tasks.optimizeProductImage("honey", "honey.jpg");

        Path file = Path.of(result.path());
        assertThat(file).isEqualTo(directory.resolve("optimized/honey.jpg"));
        assertThat(format(file)).isEqualTo("JPEG");
        BufferedImage image = ImageIO.read(file.toFile());
        assertThat(List.of(image.getWidth(), image.getHeight())).containsExactly(newWidth, newHeight);
        assertThat(result)
                .isEqualTo(new OptimizedImage(
                        "honey",
                        file.toString(),
                        newWidth,
                        newHeight,
                        Files.size(directory.resolve("uploads/honey.jpg")),
                        Files.size(file)));
    }

    @Test
    void savesBytes() throws Exception {
        upload("honey.jpg", photo(2400, 1600));

        OptimizedImage result = tasks.optimizeProductImage("honey", "honey.jpg");

        assertThat(result.bytesAfter()).isPositive().isLessThan(result.bytesBefore());
    }

    @Test
    void remembersWhatItMade() throws Exception {
        upload("honey.jpg", photo(300, 200));

        OptimizedImage result = tasks.optimizeProductImage("honey", "honey.jpg");

        assertThat(catalog.find("honey"))
                .isEqualTo(Map.of(
                        "path", result.path(),
                        "width", "300",
                        "height", "200",
                        "bytesBefore", String.valueOf(result.bytesBefore()),
                        "bytesAfter", String.valueOf(result.bytesAfter())));
        assertThat(catalog.find("wax")).isEmpty();
    }

    @Test
    void whatIsTransparentBecomesWhiteInAJpeg() throws Exception {
        upload("basil.png", png(400, 400, new Color(0, 0, 0, 0)));

        OptimizedImage result = tasks.optimizeProductImage("basil", "basil.png");

        BufferedImage image = ImageIO.read(Path.of(result.path()).toFile());
        assertThat(new Color(image.getRGB(200, 200))).isEqualTo(Color.WHITE);
    }

    @Test
    void turnsAPhotoUpright() throws Exception {
        byte[] jpeg = photo(400, 300);
        int endOfFirstPart = 4 + (((jpeg[4] & 0xFF) << 8) | (jpeg[5] & 0xFF));
        upload("eggs.jpg", withExif(jpeg, endOfFirstPart));

        OptimizedImage result = tasks.optimizeProductImage("eggs", "eggs.jpg");

        assertThat(List.of(result.width(), result.height())).containsExactly(300, 400);
    }

    @Test
    void takesAPhotoWithNotesThatImageIoDoesNotUnderstand() throws Exception {
        int beforeThePartThatMustBeFirst = 2;
        upload("eggs.jpg", withExif(photo(400, 300), beforeThePartThatMustBeFirst));

        OptimizedImage result = tasks.optimizeProductImage("eggs", "eggs.jpg");

        assertThat(List.of(result.width(), result.height())).containsExactly(400, 300);
    }

    @Test
    void makesThumbnailsOfAPhoto() throws Exception {
        upload("honey.jpg", photo(2400, 1600));

        List<String> paths = tasks.generateImageThumbnails("honey", "honey.jpg");

        assertThat(paths)
                .containsExactly(
                        directory.resolve("thumbnails/honey-150.jpg").toString(),
                        directory.resolve("thumbnails/honey-300.jpg").toString(),
                        directory.resolve("thumbnails/honey-600.jpg").toString());
        assertThat(sizes(paths)).containsExactly("150x100", "300x200", "600x400");
        assertThat(format(Path.of(paths.get(0)))).isEqualTo("JPEG");
    }

    @Test
    void neverEnlarges() throws Exception {
        upload("honey.jpg", photo(400, 200));

        assertThat(sizes(tasks.generateImageThumbnails("honey", "honey.jpg")))
                .containsExactly("150x75", "300x150", "400x200");
    }

    @Test
    void thumbnailsOfAPngStayTransparentPngs() throws Exception {
        upload("basil.png", png(800, 400, new Color(0, 128, 0, 100)));

        List<String> paths = tasks.generateImageThumbnails("basil", "basil.png");

        assertThat(sizes(paths)).containsExactly("150x75", "300x150", "600x300");
        for (String path : paths) {
            assertThat(format(Path.of(path))).isEqualTo("png");
            BufferedImage image = ImageIO.read(Path.of(path).toFile());
            assertThat(new Color(image.getRGB(10, 10), true)).isEqualTo(new Color(0, 128, 0, 100));
        }
    }

    @ParameterizedTest
    @CsvSource({"1,2", "9,10", "99,100", "1,20"})
    void noticesThatAPhotoIsCutOff(int kept, int of) throws Exception {
        byte[] whole = photo(800, 600);
        upload("peppers.jpg", Arrays.copyOf(whole, whole.length / of * kept));

        assertThatThrownBy(() -> tasks.optimizeProductImage("peppers", "peppers.jpg"))
                .isInstanceOf(BrokenImageException.class)
                .hasMessageStartingWith("peppers.jpg is damaged: ");
        assertThatThrownBy(() -> tasks.generateImageThumbnails("peppers", "peppers.jpg"))
                .isInstanceOf(BrokenImageException.class);
        assertThat(directory.resolve("optimized")).doesNotExist();
        assertThat(directory.resolve("thumbnails")).doesNotExist();
        assertThat(catalog.find("peppers")).isEmpty();
    }

    @Test
    void noticesThatAPngIsCutOff() throws Exception {
        byte[] whole = png(300, 300, Color.RED);
        upload("basil.png", Arrays.copyOf(whole, whole.length / 2));

        assertThatThrownBy(() -> tasks.optimizeProductImage("basil", "basil.png"))
                .isInstanceOf(BrokenImageException.class);
    }

    @Test
    void refusesWhatIsNoPhoto() throws Exception {
        upload("notes.jpg", "Buy more hay".getBytes(StandardCharsets.UTF_8));
        upload("anim.gif", encode(photoLike(10, 10), "gif"));

        assertThatThrownBy(() -> tasks.optimizeProductImage("notes", "notes.jpg"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("notes.jpg is not a picture");
        assertThatThrownBy(() -> tasks.optimizeProductImage("anim", "anim.gif"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("anim.gif is gif; only JPEG and PNG are taken");
    }

    @Test
    void waitsForAnUploadThatIsNotThereYet() {
        assertThatThrownBy(() -> tasks.optimizeProductImage("honey", "honey.jpg"))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void staysInItsDirectories() throws Exception {
        upload("honey.jpg", photo(30, 20));

        assertThatThrownBy(() -> tasks.optimizeProductImage("honey", "../secret.jpg"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'../secret.jpg' is not among the uploads");
        assertThatThrownBy(() -> tasks.optimizeProductImage("../../etc/honey", "honey.jpg"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not a product id");
    }

    private void upload(String name, byte[] bytes) throws IOException {
        Files.write(directory.resolve("uploads").resolve(name), bytes);
    }

    private static byte[] photo(int width, int height) throws IOException {
        return jpeg(photoLike(width, height));
    }

    private static byte[] jpeg(BufferedImage image) throws IOException {
        return encode(image, "jpg");
    }

    private static byte[] png(int width, int height, Color colour) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
        Graphics2D canvas = image.createGraphics();
        canvas.setColor(colour);
        canvas.fillRect(0, 0, width, height);
        canvas.dispose();
        return encode(image, "png");
    }

    private static BufferedImage photoLike(int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, (((x * 7) ^ (y * 13)) & 0xFF) | ((x & 0xFF) << 8) | ((y & 0xFF) << 16));
            }
        }
        return image;
    }

    private static byte[] encode(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, out)).isTrue();
        return out.toByteArray();
    }

    /** Adds an EXIF part that says: the camera was held so that the picture must be turned by 90 degrees. */
    private static byte[] withExif(byte[] jpeg, int position) {
        byte[] exif = {
            (byte) 0xFF,
            (byte) 0xE1,
            0,
            34,
            'E',
            'x',
            'i',
            'f',
            0,
            0,
            'M',
            'M',
            0,
            42,
            0,
            0,
            0,
            8,
            0,
            1,
            0x01,
            0x12,
            0,
            3,
            0,
            0,
            0,
            1,
            0,
            6,
            0,
            0,
            0,
            0,
            0,
            0
        };
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, position);
        out.writeBytes(exif);
        out.write(jpeg, position, jpeg.length - position);
        return out.toByteArray();
    }

    private static List<String> sizes(List<String> paths) throws IOException {
        return paths.stream().map(ImageTasksTest::size).toList();
    }

    private static String size(String path) {
        try {
            BufferedImage image = ImageIO.read(Path.of(path).toFile());
            return image.getWidth() + "x" + image.getHeight();
        } catch (IOException e) {
            throw new AssertionError(path, e);
        }
    }

    private static String format(Path file) throws IOException {
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            ImageReader reader = ImageIO.getImageReaders(in).next();
            return reader.getFormatName();
        }
    }
}
