package io.tidemill.examples.fashiondeck.demo;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tidemill.examples.fashiondeck.catalog.Product;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A marketplace on the loopback address: {@code GET /products?category=...&limit=...}. It can be told to be down for
 * some requests. Thread-safe.
 */
public final class MarketplaceServer implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern QUERY = Pattern.compile("category=([a-z]+)&limit=([0-9]{1,4})");

    private final String marketplace;
    private final Runnable beforeAnswer;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Integer> refusals = new ConcurrentHashMap<>();
    private final Map<String, Integer> requests = new ConcurrentHashMap<>();

    private MarketplaceServer(String marketplace, Runnable beforeAnswer) throws IOException {
        this.marketplace = marketplace;
        this.beforeAnswer = beforeAnswer;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/products", this::answer);
        server.start();
    }

    /** Starts one. */
    public static MarketplaceServer start(String marketplace) throws IOException {
        return start(marketplace, () -> {});
    }

    /** Starts one that does something before each answer, on the thread that answers. */
    public static MarketplaceServer start(String marketplace, Runnable beforeAnswer) throws IOException {
        return new MarketplaceServer(marketplace, beforeAnswer);
    }

    /** Is down for the next so many requests for a category. */
    public MarketplaceServer refuse(String category, int times) {
        refusals.put(category, times);
        return this;
    }

    /** Its address. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** How many requests for a category came so far. */
    public int requests(String category) {
        return requests.getOrDefault(category, 0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            beforeAnswer.run();
            Matcher query = QUERY.matcher(exchange.getRequestURI().getQuery());
            if (!query.matches()) {
                send(exchange, 400, "what is wanted?");
                return;
            }
            String category = query.group(1);
            requests.merge(category, 1, Integer::sum);
            List<Product> products = SampleProducts.of(marketplace, category);
            if (isDown(category)) {
                send(exchange, 503, "down for maintenance");
            } else if (products.isEmpty()) {
                send(exchange, 404, "no such category: " + category);
            } else {
                int limit = Math.min(products.size(), Integer.parseInt(query.group(2)));
                send(exchange, 200, JSON.writeValueAsString(products.subList(0, limit)));
            }
        }
    }

    private boolean isDown(String category) {
        Integer left = refusals.computeIfPresent(category, (name, times) -> times - 1);
        return left != null && left >= 0;
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
