package io.tidemill.redis;

import io.lettuce.core.api.StatefulConnection;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptRequest;
import java.util.concurrent.CompletableFuture;

/**
 * Sends scripts about one queue, on one connection.
 *
 * <p>Thread-safe.
 */
record QueueScripts(Keyspace keys, Requests requests, Connector<StatefulConnection<byte[], byte[]>> connector) {

    /** A request to be filled in. */
    ScriptRequest of(Script script) {
        return ScriptRequest.of(script, keys);
    }

    CompletableFuture<Reply> send(ScriptRequest request) {
        return send(request, requests.deadline());
    }

    CompletableFuture<Reply> send(ScriptRequest request, Deadline deadline) {
        return requests.send(connector, keys.queue(), request, deadline);
    }

    /** Sends a request of which only one at a time may be on its way, when its turn comes. */
    CompletableFuture<Reply> inTurn(NumberedRequests numbered, ScriptRequest request) {
        return inTurn(numbered, request, requests.deadline());
    }

    CompletableFuture<Reply> inTurn(NumberedRequests numbered, ScriptRequest request, Deadline deadline) {
        return numbered.submit(number -> send(numbered.number(request, number), deadline));
    }
}
