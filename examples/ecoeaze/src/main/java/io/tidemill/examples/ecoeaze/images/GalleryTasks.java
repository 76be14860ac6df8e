package io.tidemill.examples.ecoeaze.images;

import io.tidemill.examples.ecoeaze.farm.Farmers;
import io.tidemill.examples.ecoeaze.files.AtomicFile;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What is done with many photos, or about them. */
public final class GalleryTasks {

    private final ImageStore store;
    private final ImageCatalog catalog;
    private final Clock clock;

    /**
     * Reads and writes files here and remembers there what they are.
     *
     * @param clock says how old a file is
     */
    public GalleryTasks(ImageStore store, ImageCatalog catalog, Clock clock) {
        this.store = store;
        this.catalog = catalog;
        this.clock = clock;
    }

    /**
     * Writes the farm's name on photos, in the size of the shop.
     *
     * @return the paths of the marked photos, in the order of the uploads
     */
    @Task(
            name = "watermark_product_images",
            queue = "images",
            timeout = "5m",
            retry = @Retry(maxAttempts = 3, delay = "300ms", giveUpOn = IllegalArgumentException.class))
    public List<String> watermarkProductImages(String farmerId, List<Upload> uploads) throws IOException {
        String farm = Farmers.find(farmerId).farm();
        List<String> paths = new ArrayList<>();
        for (Upload upload : uploads) {
            Picture photo = Picture.read(store.upload(upload.file())).fitInto(ImageTasks.SHOP_EDGE);
            Path target = store.watermarked(upload.productId());
            AtomicFile.write(target, Watermark.draw(photo, farm)::writeTo);
            paths.add(target.toString());
        }
        return paths;
    }

    /** Measures a photo, says what its farmer could do better, and remembers it. */
    @Task(
            name = "analyze_image_quality",
            queue = "images",
            timeout = "1m",
            retry = @Retry(maxAttempts = 3, delay = "300ms", giveUpOn = IllegalArgumentException.class))
    public ImageQuality analyzeImageQuality(String productId, String file) throws IOException {
        ImageQuality quality =
                ImageQuality.of(productId, Picture.read(store.upload(file)).image());
        catalog.put(quality);
        return quality;
    }

    /**
     * Removes what processes left behind that died while writing a file.
     *
     * @param olderThan younger ones may still be written to
     */
    @Task(name = "cleanup_old_images", queue = "images", timeout = "5m")
    public Cleanup cleanupOldImages(Duration olderThan) throws IOException {
        LeftOvers leftOvers = new LeftOvers(clock.instant().minus(olderThan));
        if (Files.exists(store.images())) {
            Files.walkFileTree(store.images(), leftOvers);
        }
        return new Cleanup(leftOvers.files, leftOvers.bytes);
    }

    /** Removes parts of files that are older than a limit. A file that vanishes meanwhile was finished. */
    private static final class LeftOvers extends SimpleFileVisitor<Path> {

        private final Instant limit;
        private int files;
        private long bytes;

        LeftOvers(Instant limit) {
            this.limit = limit;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            boolean isOld = attributes.lastModifiedTime().toInstant().isBefore(limit);
            if (AtomicFile.isPart(file) && isOld && Files.deleteIfExists(file)) {
                files++;
                bytes += attributes.size();
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw e;
        }
    }
}
