package io.tidemill.examples.ecoeaze.images;

import io.tidemill.examples.ecoeaze.files.AtomicFile;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Product photos in the background. A damaged photo gets a second and third try, in case its upload has not finished,
 * and those after a fixed wait, since a random one could be over before the upload is; a file that is no photo gets
 * none.
 */
public final class ImageTasks {

    /** Longest side of a photo in the shop, in pixels. */
    public static final int SHOP_EDGE = 1200;

    /** Longest sides of its thumbnails, in pixels. */
    public static final List<Integer> THUMBNAIL_EDGES = List.of(150, 300, 600);

    private final ImageStore store;
    private final ImageCatalog catalog;

    /** Reads and writes files here and remembers them there. */
    public ImageTasks(ImageStore store, ImageCatalog catalog) {
        this.store = store;
        this.catalog = catalog;
    }

    /** Turns an uploaded photo into a JPEG that loads fast. */
    @Task(
            name = "optimize_product_image",
            queue = "images",
            timeout = "1m",
            retry = @Retry(maxAttempts = 3, delay = "300ms", jitter = false, giveUpOn = IllegalArgumentException.class))
    public OptimizedImage optimizeProductImage(String productId, String file) throws IOException {
        Path upload = store.upload(file);
        Path target = store.optimized(productId);
        Picture picture = Picture.read(upload).fitInto(SHOP_EDGE).asJpeg();
        AtomicFile.write(target, picture::writeTo);
        OptimizedImage result = new OptimizedImage(
                productId,
                target.toString(),
                picture.width(),
                picture.height(),
                Files.size(upload),
                Files.size(target));
        catalog.put(result);
        return result;
    }

    /**
     * Makes the thumbnails of an uploaded photo, in the photo's own format.
     *
     * @return their paths, smallest first
     */
    @Task(
            name = "generate_image_thumbnails",
            queue = "images",
            timeout = "1m",
            retry = @Retry(maxAttempts = 3, delay = "300ms", jitter = false, giveUpOn = IllegalArgumentException.class))
    public List<String> generateImageThumbnails(String productId, String file) throws IOException {
        Picture picture = Picture.read(store.upload(file));
        List<String> paths = new ArrayList<>();
        for (int edge : THUMBNAIL_EDGES) {
            Path target = store.thumbnail(productId, edge, picture.format());
            AtomicFile.write(target, picture.fitInto(edge)::writeTo);
            paths.add(target.toString());
        }
        return paths;
    }
}
