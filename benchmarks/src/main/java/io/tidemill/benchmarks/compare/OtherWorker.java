package io.tidemill.benchmarks.compare;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A worker of Tidemill's in a JVM of its own, which lives as long as the comparison: {@link OtherWorkerMain}.
 *
 * <p>Not thread-safe.
 */
final class OtherWorker implements AutoCloseable {

    private static final long END_SECONDS = 10;

    private final Process process;
    private final BufferedWriter requests;
    private final BufferedReader replies;

    /** Starts the JVM. */
    OtherWorker(String uri) {
        try {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xms256m",
                            "-Xmx256m",
                            "-cp",
                            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                            OtherWorkerMain.class.getName(),
                            uri)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        requests = process.outputWriter(StandardCharsets.UTF_8);
        replies = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Lets it store and run so many jobs by itself, with nobody else on its queue. */
    void warm(int jobs) {
        ask("warm " + jobs);
    }

    /** Starts a worker in it. */
    void start(int concurrency) {
        ask("start " + concurrency);
    }

    /** When the handler of the next job began, of {@link System#nanoTime}, as soon as the job's end is recorded. */
    long started() {
        return Long.parseLong(reply());
    }

    /** Stops the worker. */
    void stop() {
        ask("stop");
    }

    private void ask(String request) {
        try {
            requests.write(request);
            requests.newLine();
            requests.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the other process takes no more requests", e);
        }
        String reply = reply();
        if (!reply.equals("done")) {
            throw new IllegalStateException("the other process answered " + reply + " to " + request);
        }
    }

    private String reply() {
        try {
            String line = replies.readLine();
            if (line == null) {
                throw new IllegalStateException("the other process has ended");
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException("the other process does not answer", e);
        }
    }

    /** Ends the process by ending its input; one that does not go is ended. */
    @Override
    public void close() {
        try {
            requests.close();
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
