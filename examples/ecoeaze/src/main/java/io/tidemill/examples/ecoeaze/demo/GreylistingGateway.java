package io.tidemill.examples.ecoeaze.demo;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands before an SMTP server and is as unfriendly as real ones are: it greylists some recipients, that is, answers
 * their first mails with "try again later". Everything else goes through unchanged.
 */
public final class GreylistingGateway implements AutoCloseable {

    private static final String TRY_LATER = "451 4.7.1 Greylisted, please try again later";

    private final String host;
    private final int port;
    private final Map<String, Integer> refusals;
    private final ServerSocket listener;

    private GreylistingGateway(String host, int port, Map<String, Integer> refusals) throws IOException {
        this.host = host;
        this.port = port;
        this.refusals = new ConcurrentHashMap<>(refusals);
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    /**
     * Starts before this server.
     *
     * @param refusals how many mails to refuse, by recipient
     */
    public static GreylistingGateway start(String host, int port, Map<String, Integer> refusals) throws IOException {
        GreylistingGateway gateway = new GreylistingGateway(host, port, refusals);
        inBackground("smtp-gateway", gateway::accept);
        return gateway;
    }

    /** Where it listens on the loopback address. */
    public int port() {
        return listener.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                inBackground("smtp-relay", () -> serve(client));
            }
        } catch (IOException e) {
            // Closed
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket server = new Socket(host, port)) {
            relay(new Line(client), new Line(server));
        } catch (IOException e) {
            // One side hung up, and now both have: mail clients and servers know how to live with that
        }
    }

    private void relay(Line client, Line server) throws IOException {
        answer(server, client);
        while (true) {
            String command = client.read();
            String verb = command.toUpperCase(Locale.ROOT);
            if (verb.startsWith("RCPT TO:") && isRefused(command)) {
                client.write(TRY_LATER);
                continue;
            }
            server.write(command);
            String reply = answer(server, client);
            if (verb.equals("DATA") && reply.startsWith("354")) {
                copyText(client, server);
                answer(server, client);
            }
        }
    }

    private boolean isRefused(String command) {
        String recipient = command.substring(command.indexOf('<') + 1, command.indexOf('>'));
        Integer left = refusals.computeIfPresent(recipient, (r, n) -> n - 1);
        return left != null && left >= 0;
    }

    /** Hands on a reply, which has several lines if a minus follows its number. */
    private static String answer(Line from, Line to) throws IOException {
        String line;
        do {
            line = from.read();
            to.write(line);
        } while (line.length() > 3 && line.charAt(3) == '-');
        return line;
    }

    /** Hands on the text of a mail, which ends with a lone dot. */
    private static void copyText(Line from, Line to) throws IOException {
        String line;
        do {
            line = from.read();
            to.write(line);
        } while (!line.equals("."));
    }

    private static void inBackground(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** A connection, line by line. Latin-1 keeps every byte as it is. */
    private static final class Line {

        private final BufferedReader in;
        private final OutputStream out;

        Line(Socket socket) throws IOException {
            socket.setTcpNoDelay(true);
            this.in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            this.out = socket.getOutputStream();
        }

        String read() throws IOException {
            String line = in.readLine();
            if (line == null) {
                throw new EOFException();
            }
            return line;
        }

        void write(String line) throws IOException {
            out.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        }
    }
}
