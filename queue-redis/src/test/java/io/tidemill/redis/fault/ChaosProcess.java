package io.tidemill.redis.fault;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A forked JVM with a {@link ChaosWorker} in it. Ends only the process that it started. */
final class ChaosProcess implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 20;

    private final String name;
    private final Path journal;
    private final Process process;

    private ChaosProcess(String name, Path journal, Process process) {
        this.name = name;
        this.journal = journal;
        this.process = process;
    }

    /** Starts one and does not wait until it is up. */
    static ChaosProcess start(String name, String redis, Path folder, Duration lease) throws IOException {
        Path journal = folder.resolve(name + ".journal");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                ChaosWorker.class.getName(),
                redis,
                name,
                journal.toString(),
                Long.toString(lease.toMillis()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile())
                .start();
        return new ChaosProcess(name, journal, process);
    }

    String name() {
        return name;
    }

    Path journal() {
        return journal;
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
        await("killed");
    }

    /** SIGTERM: it gives back what has not begun and ends. */
    void end() {
        process.destroy();
        await("asked to end");
    }

    /** SIGSTOP: the process stands still and knows nothing of it. */
    void freeze() {
        signal("-STOP");
    }

    /** SIGCONT. */
    void thaw() {
        signal("-CONT");
    }

    private void await(String what) {
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("worker " + name + " was " + what + " and still runs");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a worker ended", e);
        }
    }

    private void signal(String signal) {
        try {
            Process kill = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start();
            if (!kill.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || kill.exitValue() != 0) {
                throw new IllegalStateException("kill " + signal + " failed");
            }
        } catch (IOException e) {
            throw new IllegalStateException("kill " + signal + " failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a signal was sent", e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
