package io.tidemill.examples.ecoeaze.dashboard;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * The figures as JSON over HTTP, for a page: {@code GET /live} is what was published last, {@code GET /active} what is
 * running, {@code GET /stats} how much was done. It listens on the loopback address only: it asks nobody who they are.
 */
public final class DashboardServer implements AutoCloseable {

    private static final int THREADS = 2;

    private final HttpServer server;
    private final ExecutorService threads;

    private DashboardServer(int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        threads = Executors.newFixedThreadPool(THREADS);
        server.setExecutor(threads);
    }

    /**
     * Starts it.
     *
     * @param port where it listens; 0 for any that is free
     */
    public static DashboardServer start(int port, Dashboard dashboard, Inspector inspector) throws IOException {
        DashboardServer server = new DashboardServer(port);
        server.serve("/live", dashboard::find);
        server.serve("/active", () -> Optional.of(Dashboard.json(inspector.active())));
        server.serve("/stats", () -> Optional.of(Dashboard.json(inspector.stats())));
        server.server.start();
        return server;
    }

    private void serve(String path, Supplier<Optional<String>> json) {
        server.createContext(path, exchange -> {
            try (exchange) {
                answer(exchange, path, json);
            }
        });
    }

    private static void answer(HttpExchange exchange, String path, Supplier<Optional<String>> json) throws IOException {
        if (!exchange.getRequestURI().getPath().equals(path)) {
            answer(exchange, 404, "{\"error\":\"there is nothing here\"}");
        } else if (!exchange.getRequestMethod().equals("GET")) {
            answer(exchange, 405, "{\"error\":\"only GET is answered\"}");
        } else {
            Optional<String> body;
            try {
                body = json.get();
            } catch (RuntimeException e) {
                body = Optional.empty();
            }
            answer(exchange, body.isPresent() ? 200 : 503, body.orElse("{\"error\":\"there are no figures now\"}"));
        }
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    /** Where it listens. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** Stops at once. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
