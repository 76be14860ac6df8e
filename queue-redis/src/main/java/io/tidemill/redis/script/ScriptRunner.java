package io.tidemill.redis.script;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.tidemill.async.Answers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Sends scripts by their digest, and the whole text when the server does not know it: after a restart, a failover or
 * SCRIPT FLUSH. It sends once; repeating is left to the caller.
 *
 * <p>Thread-safe.
 */
public final class ScriptRunner {

    private ScriptRunner() {}

    /** The script's reply: byte arrays, numbers and lists of them. */
    public static CompletionStage<List<Object>> run(
            StatefulConnection<byte[], byte[]> connection, ScriptRequest request) {
        return run(connection, request.script(), request.keys(), request.arguments());
    }

    /** As {@link #run(StatefulConnection, ScriptRequest)}, with keys and arguments in the order of the header. */
    static CompletionStage<List<Object>> run(
            StatefulConnection<byte[], byte[]> connection, Script script, byte[][] keys, byte[][] arguments) {
        RedisClusterAsyncCommands<byte[], byte[]> commands = Commands.async(connection);
        CompletionStage<List<Object>> reply =
                commands.evalsha(script.digest(), ScriptOutputType.MULTI, keys, arguments);
        return reply.<CompletionStage<List<Object>>>handle((list, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedStage(list);
                    }
                    if (Answers.unwrapped(failure) instanceof RedisNoScriptException) {
                        return commands.<List<Object>>eval(script.source(), ScriptOutputType.MULTI, keys, arguments);
                    }
                    return CompletableFuture.<List<Object>>failedStage(failure);
                })
                .thenCompose(stage -> stage);
    }
}
