package io.tidemill.redis.fault;

import io.tidemill.test.Waits;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own with a worker in it, to be killed and frozen. Ends only the process that it started. */
final class WorkerProcess implements AutoCloseable {

    private final String name;
    private final Path journal;
    private final Path gate;
    private final Process process;

    private WorkerProcess(String name, Path journal, Path gate, Process process) {
        this.name = name;
        this.journal = journal;
        this.gate = gate;
        this.process = process;
    }

    /** Starts a worker and waits until it is up. */
    static WorkerProcess start(String name, String redis, Path folder, Duration lease) throws IOException {
        Path journal = folder.resolve("journal");
        Path gate = folder.resolve("gate-" + name);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                WorkerMain.class.getName(),
                redis,
                name,
                journal.toString(),
                gate.toString(),
                Long.toString(lease.toMillis())));
        File log = folder.resolve(name + ".log").toFile();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        WorkerProcess worker = new WorkerProcess(name, journal, gate, process);
        Waits.until("worker " + name + " is up; see " + log, () -> {
            if (!process.isAlive()) {
                throw new AssertionError("worker " + name + " ended with " + process.exitValue() + "; see " + log);
            }
            return worker.lines().contains(name + " up");
        });
        return worker;
    }

    /** What all workers over this folder have written. */
    List<String> lines() {
        try {
            return Files.exists(journal) ? Files.readAllLines(journal) : List.of();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    void awaitLine(String line) {
        Waits.until("\"" + name + " " + line + "\" is written", () -> lines().contains(name + " " + line));
    }

    /** Lets its jobs end. */
    void openGate() throws IOException {
        Files.createFile(gate);
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
        Waits.until("worker " + name + " is dead", () -> !process.isAlive());
    }

    /** SIGSTOP: the process stands still and knows nothing of it. */
    void freeze() throws Exception {
        signal("-STOP");
    }

    /** SIGCONT. */
    void thaw() throws Exception {
        signal("-CONT");
    }

    boolean isAlive() {
        return process.isAlive();
    }

    private void signal(String signal) throws Exception {
        Process kill = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start();
        if (!kill.waitFor(20, TimeUnit.SECONDS) || kill.exitValue() != 0) {
            throw new IllegalStateException("kill " + signal + " failed");
        }
    }

    @Override
    public void close() {
        kill();
    }
}
