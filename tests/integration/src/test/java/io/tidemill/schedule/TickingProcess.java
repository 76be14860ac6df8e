package io.tidemill.schedule;

import io.tidemill.TaskQueue;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A forked JVM that fires schedules and runs no job. Ends only the process that it started. */
final class TickingProcess implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 60;

    private final Path log;
    private final Process process;

    private TickingProcess(Path log, Process process) {
        this.log = log;
        this.process = process;
    }

    /** Starts one and does not wait until it is up. */
    static TickingProcess start(String name, String redis, String prefix, Path folder) throws IOException {
        Path log = folder.resolve(name + ".log");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                TickingProcess.class.getName(),
                redis,
                prefix);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new TickingProcess(log, process);
    }

    /** Whether it fires schedules. */
    boolean isUp() {
        try {
            return Files.size(log) > 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("a process was killed and still runs: " + process.pid());
        }
    }

    /** SIGSTOP: the process stands still and knows nothing of it. */
    void freeze() throws IOException, InterruptedException {
        signal("-STOP");
    }

    /** SIGCONT. */
    void thaw() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start();
        if (!kill.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || kill.exitValue() != 0) {
            throw new IllegalStateException("kill " + signal + " failed");
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    @Override
    public String toString() {
        try {
            return "process " + process.pid() + (process.isAlive() ? ", alive: " : ", ended: ") + Files.readString(log);
        } catch (IOException e) {
            return "process " + process.pid() + " without a log";
        }
    }

    /** Arguments: address of Redis, prefix of the keys. It ends when its input ends, as when the test has died. */
    public static void main(String[] arguments) throws Exception {
        RedisOptions options =
                RedisOptions.defaults().withPrefix(arguments[1]).withConnectTimeout(Duration.ofMinutes(1));
        try (TaskQueue queue = TaskQueue.builder()
                .broker(RedisBroker.connect(arguments[0], options))
                .install(Scheduler.create())
                .start()) {
            System.out.println("up, " + queue.health());
            while (System.in.read() >= 0) {
                // Nobody writes.
            }
        }
    }
}
