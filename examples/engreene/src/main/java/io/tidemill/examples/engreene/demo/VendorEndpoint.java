package io.tidemill.examples.engreene.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where vendors are notified: takes JSON over HTTP, takes what has the same key once, and may be down. Thread-safe. */
public final class VendorEndpoint implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpServer server;
    private final Map<String, String> notices = new LinkedHashMap<>();
    private boolean isDown;
    private int calls;

    private VendorEndpoint() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    }

    /** Starts one that is up. */
    public static VendorEndpoint start() throws IOException {
        VendorEndpoint endpoint = new VendorEndpoint();
        endpoint.server.createContext("/vendors/", endpoint::take);
        endpoint.server.start();
        return endpoint;
    }

    /** Its address. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** From now on it answers 503. */
    public synchronized void goDown() {
        isDown = true;
    }

    /** From now on it takes notices. */
    public synchronized void comeBack() {
        isDown = false;
    }

    /** What it has taken, as vendor and text, by key. */
    public synchronized Map<String, String> notices() {
        return new LinkedHashMap<>(notices);
    }

    /** How often it was called, up or down. */
    public synchronized int calls() {
        return calls;
    }

    private synchronized void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            calls++;
            JsonNode notice = JSON.readTree(exchange.getRequestBody());
            String vendor = exchange.getRequestURI().getPath().split("/", -1)[2];
            if (isDown) {
                answer(exchange, 503, "down for maintenance");
            } else if (vendor.equals("brassline")) {
                answer(exchange, 410, "wants no notices");
            } else {
                notices.putIfAbsent(
                        exchange.getRequestHeaders().getFirst("Idempotency-Key"),
                        vendor + ": " + notice.path("text").asText());
                answer(exchange, 202, "taken");
            }
        }
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
