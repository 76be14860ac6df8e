package io.tidemill.benchmarks.compare;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The barest client of Redis that there is: a blocking socket with a buffer on each side. What it can do is what Redis
 * and the machine can do.
 *
 * <p>Not thread-safe.
 */
public final class Wire implements AutoCloseable {

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private byte[] sending = new byte[1 << 16];
    private int sendingSize;
    private final byte[] received = new byte[1 << 16];
    private int at;
    private int end;

    /** Connects to a Redis on this machine. */
    public Wire(int port) {
        try {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            in = socket.getInputStream();
            out = socket.getOutputStream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a command and waits for its reply: a text, a number, bytes, or a list of these. */
    public Object call(String... parts) {
        begin(parts.length);
        for (String part : parts) {
            add(bytes(part));
        }
        flush();
        return read();
    }

    /** One value of an INFO section. */
    public long info(String section, String field) {
        for (String line : text(call("INFO", section)).split("\r\n", -1)) {
            if (line.startsWith(field + ":")) {
                return Long.parseLong(line.substring(field.length() + 1));
            }
        }
        throw new IllegalStateException("INFO " + section + " has no " + field);
    }

    /** Begins a command of so many parts; they are {@link #add added} next. */
    void begin(int parts) {
        number('*', parts);
    }

    void add(byte[] part) {
        number('$', part.length);
        room(part.length + 2);
        System.arraycopy(part, 0, sending, sendingSize, part.length);
        sendingSize += part.length;
        lineEnd();
    }

    void flush() {
        try {
            out.write(sending, 0, sendingSize);
            sendingSize = 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether something of the next reply is here already. */
    boolean hasMore() {
        return at < end;
    }

    Object read() {
        byte type = next();
        return switch (type) {
            case '+' -> line();
            case ':' -> number();
            case '$' -> content((int) number());
            case '*' -> list((int) number());
            default -> throw new IllegalStateException("Redis: " + line());
        };
    }

    private List<Object> list(int size) {
        List<Object> list = new ArrayList<>(Math.max(0, size));
        for (int i = 0; i < size; i++) {
            list.add(read());
        }
        return list;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A reply as text. */
    public static String text(Object reply) {
        return reply instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : String.valueOf(reply);
    }

    private void number(char type, int number) {
        byte[] digits = bytes(Integer.toString(number));
        room(digits.length + 3);
        sending[sendingSize++] = (byte) type;
        System.arraycopy(digits, 0, sending, sendingSize, digits.length);
        sendingSize += digits.length;
        lineEnd();
    }

    private void lineEnd() {
        sending[sendingSize++] = '\r';
        sending[sendingSize++] = '\n';
    }

    private void room(int bytes) {
        if (sendingSize + bytes > sending.length) {
            sending = Arrays.copyOf(sending, 2 * (sendingSize + bytes));
        }
    }

    private byte[] content(int size) {
        if (size < 0) {
            return new byte[0];
        }
        byte[] content = new byte[size];
        int filled = 0;
        while (filled < size) {
            fill();
            int part = Math.min(size - filled, end - at);
            System.arraycopy(received, at, content, filled, part);
            at += part;
            filled += part;
        }
        next();
        next();
        return content;
    }

    private String line() {
        StringBuilder line = new StringBuilder();
        for (byte b = next(); b != '\r'; b = next()) {
            line.append((char) b);
        }
        next();
        return line.toString();
    }

    private long number() {
        byte b = next();
        boolean isNegative = b == '-';
        long number = isNegative ? 0 : b - '0';
        for (b = next(); b != '\r'; b = next()) {
            number = number * 10 + (b - '0');
        }
        next();
        return isNegative ? -number : number;
    }

    private byte next() {
        fill();
        return received[at++];
    }

    private void fill() {
        try {
            if (at == end) {
                at = 0;
                end = in.read(received);
                if (end < 0) {
                    end = 0;
                    throw new EOFException("Redis closed the connection");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
