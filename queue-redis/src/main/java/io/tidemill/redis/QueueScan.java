package io.tidemill.redis;

import io.tidemill.broker.JobScan;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.redis.script.Script;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A walk over the records of one queue, as {@code scan.lua} does it step by step. */
final class QueueScan {

    private final QueueScripts scripts;
    private final Function<String, CompletableFuture<Optional<JobSnapshot>>> find;

    QueueScan(QueueScripts scripts, Function<String, CompletableFuture<Optional<JobSnapshot>>> find) {
        this.scripts = scripts;
        this.find = find;
    }

    /** What is too many bytes for one reply is asked for job by job. */
    CompletableFuture<JobScan> step(@Nullable String from, int limit) {
        String[] words = from == null ? new String[] {"0", ""} : from.split(" ", -1);
        return scripts.send(scripts.of(Script.SCAN)
                        .with("cursor", words[0])
                        .with("server", words[1])
                        .with("limit", limit))
                .thenCompose(reply -> {
                    List<JobScan.Stored> jobs = JobReplies.scanned(reply);
                    String cursor = reply.text("cursor");
                    String server = reply.text("server");
                    JobScan step = new JobScan(
                            jobs, cursor.equals("0") ? null : cursor + " " + server, !server.equals(words[1]));
                    List<CompletableFuture<Optional<JobSnapshot>>> rest =
                            reply.ids(reply.first("rest")).stream().map(find).toList();
                    return CompletableFuture.allOf(rest.toArray(CompletableFuture<?>[]::new))
                            .thenApply(done -> {
                                rest.forEach(job -> job.join().ifPresent(it -> add(it, jobs)));
                                return step;
                            });
                });
    }

    private static void add(JobSnapshot job, List<JobScan.Stored> jobs) {
        byte[] body = job.body();
        if (body != null && !job.state().isFinal()) {
            jobs.add(new JobScan.Stored(job.id(), body));
        }
    }
}
