package io.tidemill.test.redis;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis for tests: a {@code redis-server} process in a directory and on a port of its own, that tests may kill,
 * stop and restart. Uses the executable that {@value #EXECUTABLE_VARIABLE} names, else the {@code redis-server} on the
 * PATH, else the one that the library {@code org.signal:embedded-redis} carries.
 *
 * <pre>{@code
 * try (RedisServer redis = RedisServer.start("--appendonly", "yes")) {
 *     broker = RedisBroker.connect(redis.uri());
 *     redis.kill9();
 *     redis.restart();
 * }
 * }</pre>
 *
 * <p>Ends only the process that it has started, and deletes its directory. Not thread-safe, except {@link #shared}.
 * Long, because it also finds the executable and a free port.
 */
public final class RedisServer implements AutoCloseable {

    /** Names a Redis that runs already; {@link #shared} uses it. */
    public static final String URL_VARIABLE = "TIDEMILL_REDIS_URL";

    /** Names an executable to start in place of the one that is found, such as one of another version. */
    public static final String EXECUTABLE_VARIABLE = "TIDEMILL_REDIS_SERVER";

    private static final Duration START_TIMEOUT = Duration.ofSeconds(20);
    private static final int MOST_PORTS = 5;
    private static final Duration STEP = Duration.ofMillis(10);
    private static final int IO_TIMEOUT_MILLIS = 1_000;
    /** Servers that nobody has closed: a JVM that ends without doing so leaves no process behind. */
    private static final Set<RedisServer> LIVE = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> LIVE.forEach(RedisServer::end), "tidemill-redis-end"));
    }

    private static final byte[] PING = "PING\r\n".getBytes(StandardCharsets.US_ASCII);

    private final @Nullable Path directory;
    private final int port;
    private final String uri;
    private final List<String> extraArguments;
    /** What a sentinel is told at its first start, in the file that it goes on to write; null for a server. */
    private final @Nullable String configuration;

    private @Nullable Process process;
    private boolean isShared;

    private RedisServer(
            String uri,
            int port,
            @Nullable Path directory,
            @Nullable String configuration,
            List<String> extraArguments) {
        this.uri = uri;
        this.port = port;
        this.directory = directory;
        this.configuration = configuration;
        this.extraArguments = extraArguments;
    }

    /** A server without persistence. */
    public static RedisServer start() {
        return start(new String[0]);
    }

    /**
     * A server with more arguments, as on the command line: {@code "--maxmemory", "10mb"}.
     *
     * @throws IllegalArgumentException for {@code --port}: it takes a free one, see {@link #port} and {@link #uri}
     */
    public static RedisServer start(String... extraArguments) {
        if (List.of(extraArguments).contains("--port")) {
            throw new IllegalArgumentException(
                    "a RedisServer takes a free port, so that tests do not meet on one: leave out --port, and ask"
                            + " port() or uri() for the one it took");
        }
        return startAtOneOf(RedisServer::freePort, extraArguments);
    }

    /** Somebody may take a port between the look for a free one and the start of the server. */
    static RedisServer startAtOneOf(IntSupplier ports, String... extraArguments) {
        for (int tries = 1; true; tries++) {
            try {
                return startAt(ports.getAsInt(), extraArguments);
            } catch (UncheckedIOException e) {
                boolean isTaken = String.valueOf(e.getCause()).contains("Could not create server TCP listening socket");
                if (!isTaken || tries == MOST_PORTS) {
                    throw e;
                }
            }
        }
    }

    /** A server on a port that the caller has found free. */
    static RedisServer startAt(int port, String... extraArguments) {
        return launched(port, null, extraArguments);
    }

    /** A sentinel on a free port, with these lines of configuration. */
    static RedisServer startSentinel(String configuration) {
        return launched(freePort(), configuration);
    }

    private static RedisServer launched(int port, @Nullable String configuration, String... extraArguments) {
        try {
            RedisServer server = new RedisServer(
                    "redis://127.0.0.1:" + port,
                    port,
                    Files.createTempDirectory("tidemill-redis-"),
                    configuration,
                    List.of(extraArguments));
            LIVE.add(server);
            server.launch();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("a redis-server could not be started", e);
        }
    }

    /**
     * The server that all tests of this JVM share: the one that {@value #URL_VARIABLE} names, else a process that ends
     * with the JVM. Its {@link #close} does nothing; do not kill it.
     */
    public static RedisServer shared() {
        return Shared.SERVER;
    }

    /** Where it listens, as {@code RedisBroker.connect} takes it. */
    public String uri() {
        return uri;
    }

    /** The port on 127.0.0.1; 0 if the server is not ours. */
    public int port() {
        return port;
    }

    /** Ends the process at once, as a crash does. */
    public void kill9() {
        Process running = process();
        running.destroyForcibly();
        await(running);
        process = null;
    }

    /** Freezes the process: it keeps its connections and answers nothing. */
    public void stop() {
        signal("STOP");
    }

    /** Lets a frozen process go on. */
    public void cont() {
        signal("CONT");
    }

    /** Starts it again in the same directory and on the same port, after ending it if it still runs. */
    public void restart() {
        if (process != null) {
            kill9();
        }
        try {
            launch();
        } catch (IOException e) {
            throw new UncheckedIOException("the redis-server on port " + port + " could not be restarted", e);
        }
    }

    /** Ends the process and deletes its directory. */
    @Override
    public void close() {
        if (!isShared) {
            end();
        }
    }

    private void end() {
        LIVE.remove(this);
        if (process != null) {
            kill9();
        }
        if (directory != null) {
            delete(directory);
        }
    }

    private void launch() throws IOException {
        if (directory == null) {
            throw new IllegalStateException("the server at " + URL_VARIABLE + " is not ours to start");
        }
        List<String> command =
                configuration == null ? serverCommand(directory) : sentinelCommand(directory, configuration);
        Path log = directory.resolve("redis.log");
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        process = started;
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (!answersPing()) {
            if (!started.isAlive() || System.nanoTime() > deadline) {
                String said = Files.readString(log);
                end();
                throw new IOException("redis-server did not answer on port " + port + "; it said:\n" + said);
            }
            LockSupport.parkNanos(STEP.toNanos());
        }
    }

    private List<String> serverCommand(Path in) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Binary.path(),
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--dir",
                in.toString(),
                "--save",
                "",
                "--repl-diskless-sync-delay",
                "0"));
        command.addAll(extraArguments);
        return command;
    }

    /** A sentinel reads what it wrote before when it starts again. */
    private List<String> sentinelCommand(Path in, String lines) throws IOException {
        Path file = in.resolve("sentinel.conf");
        if (!Files.exists(file)) {
            Files.writeString(file, "port " + port + "\nbind 127.0.0.1\ndir " + in + "\n" + lines);
        }
        return List.of(Binary.path(), file.toString(), "--sentinel");
    }

    /** A server that asks for a password is ready; one that answers LOADING is not. */
    private boolean answersPing() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), IO_TIMEOUT_MILLIS);
            socket.setSoTimeout(IO_TIMEOUT_MILLIS);
            socket.getOutputStream().write(PING);
            String answer = new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII);
            return answer.startsWith("+") || answer.startsWith("-NOAU");
        } catch (IOException e) {
            return false;
        }
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder(
                            "kill", "-" + name, Long.toString(process().pid()))
                    .start();
            await(kill);
        } catch (IOException e) {
            throw new UncheckedIOException("SIG" + name + " could not be sent", e);
        }
    }

    private Process process() {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException("no redis-server of ours is running");
        }
        return running;
    }

    private static void await(Process process) {
        try {
            if (!process.waitFor(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("process " + process.pid() + " did not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a process ended", e);
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port was found for a redis-server", e);
        }
    }

    private static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return; // closed before
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(directory + " could not be deleted", e);
        }
    }

    /** Made when first asked for; the hook ends it with the JVM. */
    private static final class Shared {

        static final RedisServer SERVER = make();

        private static RedisServer make() {
            String url = System.getenv(URL_VARIABLE);
            RedisServer server = url != null && !url.isBlank()
                    ? new RedisServer(url, 0, null, null, List.of())
                    : RedisServer.start();
            server.isShared = true;
            return server;
        }
    }

    /** Finds the executable once per JVM. */
    private static final class Binary {

        private static @Nullable String path;

        static synchronized String path() throws IOException {
            String found = path;
            if (found == null) {
                found = named();
                if (found == null) {
                    found = onPath();
                }
                if (found == null) {
                    found = carried();
                }
                path = found;
            }
            return found;
        }

        /** As it comes out of an archive it may not be executable yet. */
        private static @Nullable String named() throws IOException {
            String name = System.getenv(EXECUTABLE_VARIABLE);
            if (name == null || name.isBlank()) {
                return null;
            }
            Path file = Path.of(name);
            if (!Files.isExecutable(file) && !file.toFile().setExecutable(true)) {
                throw new IOException(
                        EXECUTABLE_VARIABLE + " names " + name + ", which is no file that can be executed");
            }
            return name;
        }

        private static @Nullable String onPath() {
            String directories = System.getenv("PATH");
            for (String directory : directories == null ? new String[0] : directories.split(":", -1)) {
                Path candidate = Path.of(directory, "redis-server");
                if (Files.isExecutable(candidate)) {
                    return candidate.toString();
                }
            }
            return null;
        }

        private static String carried() throws IOException {
            String os = System.getProperty("os.name", "").startsWith("Mac") ? "darwin" : "linux";
            String machine = System.getProperty("os.arch", "");
            String arch = machine.equals("aarch64") ? "arm64" : machine.endsWith("64") ? "amd64" : "386";
            String resource = "/redis-server-7.0.15-" + os + "-" + arch;
            try (InputStream in = RedisServer.class.getResourceAsStream(resource)) {
                if (in == null) {
                    throw new IOException("no redis-server on the PATH, and " + resource
                            + " is not on the class path: install Redis, or add org.signal:embedded-redis as a"
                            + " test dependency");
                }
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                in.transferTo(bytes);
                Path file = Files.createTempFile("tidemill-redis-server-", "");
                Files.write(file, bytes.toByteArray());
                file.toFile().deleteOnExit();
                if (!file.toFile().setExecutable(true)) {
                    throw new IOException(file + " could not be made executable");
                }
                return file.toString();
            }
        }
    }
}
