package io.tidemill.examples.fashiondeck.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lettuce.core.KeyValue;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.examples.fashiondeck.cache.Hashes;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Products and vectors in the Redis that keeps what it is given: the hashes {@value #PRODUCTS} and {@value #VECTORS},
 * by the product's id, and in {@value #DESCRIBED} the hash of the text that a vector was computed from. Writing the
 * same twice changes nothing. Thread-safe.
 */
public final class Catalog {

    static final String PRODUCTS = "fashiondeck:products";
    static final String VECTORS = "fashiondeck:vectors";
    static final String DESCRIBED = "fashiondeck:described";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final StatefulRedisConnection<String, String> redis;

    /** On this connection. */
    public Catalog(StatefulRedisConnection<String, String> redis) {
        this.redis = redis;
    }

    /** Stores products, in place of those with the same ids. */
    public void put(Collection<Product> products) {
        Map<String, String> entries = new HashMap<>();
        products.forEach(product -> entries.put(product.id(), write(product)));
        if (!entries.isEmpty()) {
            redis.sync().hset(PRODUCTS, entries);
        }
    }

    /** Those of these products that have no vector, or one of another text. */
    public List<Product> withoutVector(List<Product> products) {
        if (products.isEmpty()) {
            return List.of();
        }
        String[] ids = products.stream().map(Product::id).toArray(String[]::new);
        List<KeyValue<String, String>> known = redis.sync().hmget(DESCRIBED, ids); // in the order of the ids
        return IntStream.range(0, ids.length)
                .filter(i -> !Hashes.sha256(products.get(i).text())
                        .equals(known.get(i).getValueOrElse("")))
                .mapToObj(products::get)
                .toList();
    }

    /** Stores the vectors of products. */
    public void putVectors(Map<Product, float[]> vectors) {
        Map<String, String> entries = new HashMap<>();
        Map<String, String> described = new HashMap<>();
        vectors.forEach((product, vector) -> {
            entries.put(product.id(), Vectors.text(vector));
            described.put(product.id(), Hashes.sha256(product.text()));
        });
        if (!entries.isEmpty()) {
            // The vector first: a crash in between computes it once more, and never leaves a product without one
            redis.sync().hset(VECTORS, entries);
            redis.sync().hset(DESCRIBED, described);
        }
    }

    /** All products. */
    public List<Product> products() {
        return redis.sync().hvals(PRODUCTS).stream().map(Catalog::read).toList();
    }

    /** One product. */
    public Optional<Product> find(String id) {
        return Stream.ofNullable(redis.sync().hget(PRODUCTS, id))
                .map(Catalog::read)
                .findFirst();
    }

    /** The vectors of all products, by their ids. */
    public Map<String, float[]> vectors() {
        Map<String, float[]> vectors = new HashMap<>();
        redis.sync().hgetall(VECTORS).forEach((id, text) -> vectors.put(id, Vectors.parse(text)));
        return vectors;
    }

    private static String write(Product product) {
        try {
            return JSON.writeValueAsString(product);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of texts and a number is always JSON", e);
        }
    }

    private static Product read(String json) {
        try {
            return JSON.readValue(json, Product.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not a product: " + json, e);
        }
    }
}
