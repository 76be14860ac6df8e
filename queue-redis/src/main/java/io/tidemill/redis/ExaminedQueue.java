package io.tidemill.redis;

import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.tidemill.redis.Finding.Severity;
import io.tidemill.redis.keys.KeyKind;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.keys.WireText;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptRequest;
import io.tidemill.redis.script.ScriptRunner;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A queue while a doctor looks at it, and what was found so far. Keys and ids are texts here: one byte, one character.
 *
 * @param redis answers commands about its keys
 * @param scripts runs scripts
 * @param keys its keys
 * @param findings what was found; grows
 */
record ExaminedQueue(
        RedisClusterCommands<String, String> redis,
        StatefulConnection<byte[], byte[]> scripts,
        Keyspace keys,
        List<Finding> findings) {

    /** Most entries that one command reads. */
    static final int PAGE = 1000;

    void found(Severity severity, String invariant, String subject, String text) {
        findings.add(new Finding(severity, invariant, keys.queue(), WireText.show(subject), text));
    }

    boolean hasRecord(String id) {
        return redis.exists(text(keys.job(id))) == 1;
    }

    /** Every place that holds a job, in one look. */
    Reply check(String id) {
        return ask(ScriptRequest.of(Script.CHECK, keys)
                .key(KeyKind.JOB, keys.job(id))
                .with("id", id));
    }

    Reply counts() {
        return ask(ScriptRequest.of(Script.COUNTS, keys));
    }

    private Reply ask(ScriptRequest request) {
        return new Reply(
                request.script(),
                ScriptRunner.run(scripts, request.with("notAfter", 0))
                        .toCompletableFuture()
                        .orTimeout(60, TimeUnit.SECONDS)
                        .join());
    }

    /** The server's time. */
    long millis() {
        return Long.parseLong(redis.time().get(0)) * 1000;
    }

    static String text(byte[] key) {
        return new String(key, StandardCharsets.ISO_8859_1);
    }
}
