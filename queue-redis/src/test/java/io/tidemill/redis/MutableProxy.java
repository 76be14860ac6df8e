package io.tidemill.redis;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A way to a server that can go silent: while it is mute it accepts connections and passes nothing on. */
final class MutableProxy implements AutoCloseable {

    private final ServerSocket door;
    private final int port;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final List<Socket> held = new ArrayList<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private boolean mute;

    MutableProxy(int port) {
        this.port = port;
        try {
            door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread(this::accept);
    }

    String uri() {
        return "redis://127.0.0.1:" + door.getLocalPort();
    }

    /** Accepts from now on, and says nothing. */
    synchronized void mute() {
        mute = true;
    }

    /** Breaks all connections. */
    void drop() {
        open.forEach(MutableProxy::end);
    }

    /** Passes on what is accepted from now on; what was accepted while it was mute stays silent. */
    synchronized void heal() {
        mute = false;
    }

    /** Passes on also what was accepted while it was mute. */
    synchronized void healAll() {
        mute = false;
        held.forEach(this::pass);
        held.clear();
    }

    /** Connections accepted so far. */
    int accepted() {
        return accepted.get();
    }

    @Override
    public void close() {
        end(door);
        drop();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = door.accept();
                open.add(socket);
                synchronized (this) {
                    if (mute) {
                        held.add(socket);
                    } else {
                        pass(socket);
                    }
                }
                accepted.incrementAndGet();
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void pass(Socket from) {
        try {
            Socket to = new Socket(InetAddress.getLoopbackAddress(), port);
            open.add(to);
            thread(() -> copy(from, to));
            thread(() -> copy(to, from));
        } catch (IOException e) {
            end(from);
        }
    }

    private static void copy(Socket from, Socket to) {
        byte[] buffer = new byte[8192];
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
            }
        } catch (IOException e) {
            // Broken: the other side learns of it by the close.
        }
    }

    private static void end(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            // It was closed already.
        }
    }

    private static void thread(Runnable work) {
        Thread thread = new Thread(work, "proxy");
        thread.setDaemon(true);
        thread.start();
    }
}
