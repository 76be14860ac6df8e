package io.tidemill.examples.ecoeaze.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A gateway for text messages, as telephone companies have them: it takes JSON over HTTP, is busy at first, and takes
 * what has the same key once. Thread-safe.
 */
public final class SmsCentre implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpServer server;
    private final AtomicInteger refusals;
    private final Map<String, String> messages = new LinkedHashMap<>();

    private SmsCentre(int refusals) throws IOException {
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        this.refusals = new AtomicInteger(refusals);
    }

    /**
     * Starts one.
     *
     * @param refusals how many messages it is too busy for
     */
    public static SmsCentre start(int refusals) throws IOException {
        SmsCentre centre = new SmsCentre(refusals);
        centre.server.createContext("/messages", centre::take);
        centre.server.start();
        return centre;
    }

    /** Where messages are posted. */
    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/messages";
    }

    /** What was sent, as number and text, by key. */
    public synchronized Map<String, String> messages() {
        return new LinkedHashMap<>(messages);
    }

    private synchronized void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode message = JSON.readTree(exchange.getRequestBody());
            String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
            String to = message.path("to").asText();
            if (refusals.getAndDecrement() > 0) {
                exchange.getResponseHeaders().set("Retry-After", "1");
                answer(exchange, 429, "busy");
            } else if (to.endsWith("000")) {
                answer(exchange, 422, "nobody has this number");
            } else {
                messages.putIfAbsent(key, to + ": " + message.path("text").asText());
                answer(exchange, 202, "{\"id\":\"sms-" + key + "\"}");
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
