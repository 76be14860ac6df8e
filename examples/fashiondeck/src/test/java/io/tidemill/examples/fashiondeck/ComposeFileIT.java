package io.tidemill.examples.fashiondeck;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.test.redis.RedisServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The servers of the compose file, started with the arguments that stand there. */
class ComposeFileIT {

    private static final Pattern COMMAND = Pattern.compile("command: redis-server (.+)");

    @Test
    void theQueueTakesTheServerThatKeepsAndRefusesTheCache() throws IOException {
        List<String[]> commands = COMMAND.matcher(Files.readString(Path.of("compose.yaml")))
                .results()
                .map(ComposeFileIT::arguments)
                .toList();
        assertThat(commands).hasSize(2);
        assertThat(commands.get(0)).containsSequence("--appendonly", "yes").containsSequence("noeviction");

        assertThat(check(commands.get(0))).contains("all 6 checks passed");
        assertThat(check(commands.get(1)))
                .contains("1 of 6 checks failed")
                .containsPattern("queue operations +FAILED .*allkeys-lru");
    }

    private static String[] arguments(MatchResult command) {
        return Stream.of(command.group(1).split(" "))
                .map(argument -> argument.replace("\"\"", ""))
                .toArray(String[]::new);
    }

    private static String check(String... arguments) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (RedisServer server = RedisServer.start(arguments)) {
            RedisCheck.run(
                    Map.of("REDIS_HOST", "127.0.0.1", "REDIS_PORT", Integer.toString(server.port())),
                    new PrintStream(printed, true, StandardCharsets.UTF_8));
        }
        return printed.toString(StandardCharsets.UTF_8);
    }
}
