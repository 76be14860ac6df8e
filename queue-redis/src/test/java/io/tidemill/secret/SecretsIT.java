package io.tidemill.secret;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.test.Waits;
import io.tidemill.test.redis.RedisServer;
import io.tidemill.text.JobIds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever goes wrong, no password, payload or result is in logs, exceptions, texts of objects or names of threads:
 * runs {@link SecretsMain} in a JVM of its own, with all of our logging, and reads all that it printed.
 */
class SecretsIT {

    @TempDir
    Path folder;

    @Test
    void no_secret_comes_out_whatever_goes_wrong() throws Exception {
        String password = "pw" + JobIds.randomDigits(12);
        String secret = "sk" + JobIds.randomDigits(12);
        RedisServer gone = RedisServer.start();
        gone.close();
        Path out = folder.resolve("out");
        try (RedisServer redis = RedisServer.start()) {
            protect(redis, password);
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-XX:TieredStopAtLevel=1",
                            "-Dorg.slf4j.simpleLogger.logFile=System.err",
                            "-Dorg.slf4j.simpleLogger.showThreadName=true",
                            "-Dorg.slf4j.simpleLogger.log.io.tidemill=trace",
                            "-cp",
                            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                            SecretsMain.class.getName(),
                            Integer.toString(redis.port()),
                            password,
                            secret,
                            Integer.toString(gone.port()))
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            try {
                Waits.until("the program has come far, see " + out, () -> {
                    assertThat(process.isAlive()).as("%s", new Lazy(out)).isTrue();
                    return read(out).contains("now Redis goes");
                });
                redis.kill9();
                process.getOutputStream().write('\n');
                process.getOutputStream().flush();
                assertThat(process.waitFor(Duration.ofSeconds(60).toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
            } finally {
                process.destroyForcibly();
            }
        }
        String said = read(out);

        assertThat(said.lines().filter(line -> line.contains(password))).isEmpty();
        assertThat(said.lines().filter(line -> line.contains(secret))).isEmpty();
        // And it did go wrong.
        List<String> signs = List.of(
                "no connection to Redis at 127.0.0.1:",
                "WRONGPASS",
                "the Redis address must look like",
                "Retrying[job=",
                "Died[job=",
                "Cancelled[job=",
                "failed in attempt 2",
                "is dead after",
                "and did not return within 100 ms (interruptTimeout) of being interrupted; it is abandoned",
                "ran longer than its timeout of 50 ms",
                "the result is 2,0",
                "cannot be written as JSON",
                "argument 0 does not fit io.tidemill.secret.SecretsMain$Card",
                "argument 0 does not fit int",
                "task \"unknown\" is not registered at this worker",
                "did you mean \"echo\"?",
                "maxPayloadBytes",
                "this TaskQueue was closed",
                "tidemill-fetch",
                "JobInfo[",
                "gave no answer to enqueue",
                "all done");
        assertThat(signs.stream().filter(sign -> !said.contains(sign))).isEmpty();
    }

    /** A password for a server that runs already; it would not answer the PING that waits for its start. */
    private static void protect(RedisServer redis, String password) {
        RedisClient client = RedisClient.create(redis.uri());
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            connection.sync().configSet("requirepass", password);
        } finally {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(5));
        }
    }

    /** Reads the file only if somebody wants to know. */
    private record Lazy(Path file) {

        @Override
        public String toString() {
            return read(file);
        }
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
