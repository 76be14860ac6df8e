package io.tidemill.redis;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Speaks just enough of the protocol to be taken for a Redis of some version, and answers scripts as it is told. */
final class OddServer implements AutoCloseable {

    private final ServerSocket door;
    private final String info;
    private final String answer;

    OddServer(String version, String answer) {
        String text = "redis_version:" + version + "\r\n";
        info = "$" + text.length() + "\r\n" + text + "\r\n";
        this.answer = answer;
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

    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = door.accept();
                thread(() -> serve(socket));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket socket) {
        try (socket;
                BufferedReader in = new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
                OutputStream out = socket.getOutputStream()) {
            for (String count = in.readLine(); count != null; count = in.readLine()) {
                String command = "";
                for (int i = 0; i < Integer.parseInt(count.substring(1)); i++) {
                    char[] part = new char[Integer.parseInt(in.readLine().substring(1))];
                    for (int read = 0; read < part.length; ) {
                        read += in.read(part, read, part.length - read);
                    }
                    in.readLine();
                    command = i == 0 ? new String(part).toUpperCase(Locale.ROOT) : command;
                }
                String reply = switch (command) {
                    case "INFO" -> info;
                    case "PING" -> "+PONG\r\n";
                    case "EVALSHA", "EVAL" -> answer;
                    default -> "-ERR unknown command\r\n";
                };
                out.write(reply.getBytes(StandardCharsets.ISO_8859_1));
                out.flush();
            }
        } catch (IOException e) {
            // The client left.
        }
    }

    private static void thread(Runnable work) {
        Thread thread = new Thread(work, "odd-server");
        thread.setDaemon(true);
        thread.start();
    }
}
