package io.tidemill.examples.ecoeaze.mail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** An SMTP server that has the same answer for every recipient. */
final class RudeMailServer implements AutoCloseable {

    private final ServerSocket listener;

    RudeMailServer(String answer) throws IOException {
        listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(() -> serve(answer), "rude-smtp");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return listener.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void serve(String answer) {
        try (Socket client = listener.accept()) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
            say(client, "220 rude.example");
            for (String command = in.readLine(); command != null; command = in.readLine()) {
                say(client, command.startsWith("RCPT") ? answer : "250 OK");
            }
        } catch (IOException e) {
            // The client hung up or the test ended
        }
    }

    private static void say(Socket client, String line) throws IOException {
        OutputStream out = client.getOutputStream();
        out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }
}
