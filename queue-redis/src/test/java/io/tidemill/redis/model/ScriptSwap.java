package io.tidemill.redis.model;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A way to a server on which calls of scripts become calls of other scripts. A script is called by its digest, 40
 * letters, so one digest takes the place of another and no length changes.
 */
final class ScriptSwap implements AutoCloseable {

    private static final byte[] BEGINNING = "$40\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int DIGEST = 40;
    private static final int BUFFER = 1 << 16;

    private final ServerSocket door;
    private final int port;
    private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
    private volatile Map<String, byte[]> swaps = Map.of();

    ScriptSwap(int port) {
        this.port = port;
        try {
            door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread(this::accept);
    }

    String uri() {
        return "redis://127.0.0.1:" + port();
    }

    int port() {
        return door.getLocalPort();
    }

    /** From now on calls of the keys become calls of the values. */
    void swap(Map<String, byte[]> digests) {
        swaps = digests;
    }

    @Override
    public void close() {
        end(door);
        open.forEach(ScriptSwap::end);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = door.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                open.add(client);
                open.add(server);
                thread(() -> pass(client, server, true));
                thread(() -> pass(server, client, false));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void pass(Socket from, Socket to, boolean isCalls) {
        byte[] buffer = new byte[BUFFER];
        int held = 0;
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer, held, BUFFER - held)) {
                int end = held + read;
                int whole = isCalls ? swapped(buffer, end) : end;
                out.write(buffer, 0, whole);
                held = end - whole;
                System.arraycopy(buffer, whole, buffer, 0, held);
            }
        } catch (IOException e) {
            // Broken: the other side learns of it by the close.
        }
    }

    /** Swaps the digests that are there as a whole; returns how much may go: what may be a part of one has to wait. */
    private int swapped(byte[] buffer, int end) {
        for (int i = 0; i < end; i++) {
            if (buffer[i] == BEGINNING[0] && begins(buffer, i, end)) {
                int digest = i + BEGINNING.length;
                if (digest + DIGEST > end) {
                    return i;
                }
                byte[] other = swaps.get(new String(buffer, digest, DIGEST, StandardCharsets.US_ASCII));
                if (other != null) {
                    System.arraycopy(other, 0, buffer, digest, DIGEST);
                }
                i = digest + DIGEST - 1;
            }
        }
        return end;
    }

    private static boolean begins(byte[] buffer, int at, int end) {
        for (int i = 0; i < BEGINNING.length && at + i < end; i++) {
            if (buffer[at + i] != BEGINNING[i]) {
                return false;
            }
        }
        return true;
    }

    private static void end(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            // It was closed already.
        }
    }

    private static void thread(Runnable work) {
        Thread thread = new Thread(work, "script-swap");
        thread.setDaemon(true);
        thread.start();
    }
}
