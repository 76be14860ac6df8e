package io.tidemill.redis;

import io.tidemill.broker.Note;
import io.tidemill.broker.NoteReply;
import io.tidemill.broker.Report;
import io.tidemill.redis.keys.KeyKind;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.keys.WireText;
import io.tidemill.redis.script.Script;
import io.tidemill.text.Names;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What runs leave with the jobs of one queue: what they have done, and how far they have got.
 *
 * <p>Thread-safe.
 */
record QueueNotes(Keyspace keys, QueueScripts scripts) {

    CompletableFuture<NoteReply> note(Note note) {
        String id = WireText.of("job id", note.id());
        return scripts.send(scripts.of(Script.NOTE)
                        .key(KeyKind.LEASE, keys.lease(Names.check("lease token", note.token())))
                        .key(KeyKind.JOB, keys.job(id))
                        .with("id", id)
                        .with("note", note.number())
                        .with("stays", note.stays())
                        .with("bytes", note.bytes()))
                .thenApply(reply -> NoteReply.valueOf(reply.text("answer")));
    }

    CompletableFuture<Boolean> report(Report report) {
        String id = WireText.of("job id", report.id());
        return scripts.send(scripts.of(Script.REPORT)
                        .key(KeyKind.LEASE, keys.lease(Names.check("lease token", report.token())))
                        .key(KeyKind.PROGRESS, keys.progress(id))
                        .with("id", id)
                        .with("created", report.job())
                        .with("report", report.number())
                        .with("ttl", report.ttlMillis())
                        .with("bytes", report.bytes()))
                .thenApply(reply -> reply.text("held").equals("1"));
    }

    CompletableFuture<Optional<byte[]>> progress(String id) {
        byte[] key = keys.progress(WireText.of("job id", id));
        return scripts.send(scripts.of(Script.PROGRESS).key(KeyKind.PROGRESS, key))
                .thenApply(reply -> Optional.of(reply.bytes("bytes")).filter(bytes -> bytes.length > 0));
    }
}
