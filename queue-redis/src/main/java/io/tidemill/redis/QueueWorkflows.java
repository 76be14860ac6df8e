package io.tidemill.redis;

import io.lettuce.core.api.StatefulConnection;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.Fill;
import io.tidemill.broker.FillReply;
import io.tidemill.broker.OutboxMessage;
import io.tidemill.broker.PlacePage;
import io.tidemill.broker.PlaceValue;
import io.tidemill.broker.StoreReply;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkflowEnd;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowWrite;
import io.tidemill.redis.keys.KeyKind;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.keys.WireText;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptRequest;
import io.tidemill.task.Priority;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one queue does for workflows, as one broker object asks for it: a method per script that fills in a request and
 * reads its reply.
 *
 * <p>Thread-safe.
 */
final class QueueWorkflows {

    private static final Logger LOG = LoggerFactory.getLogger(RedisBroker.class);
    /** So many workflows are begun at a time: they need no order among each other. */
    private static final int TRACKS = 4;
    /** Stands behind the revision of a record that no end changes. No text of ours has it. */
    private static final String FINAL = "!f";

    private final Keyspace keys;
    private final QueueScripts scripts;
    private final Wakeups wakeups;
    private final List<NumberedRequests> stores;
    private final List<NumberedRequests> fills;
    private final AtomicInteger sent = new AtomicInteger();

    QueueWorkflows(
            Keyspace keys,
            String broker,
            Requests requests,
            Connector<StatefulConnection<byte[], byte[]>> commands,
            Wakeups wakeups) {
        this.keys = keys;
        this.wakeups = wakeups;
        scripts = new QueueScripts(keys, requests, commands);
        stores = tracks(broker, "store");
        fills = tracks(broker, "fill");
    }

    private List<NumberedRequests> tracks(String broker, String kind) {
        return IntStream.range(0, TRACKS)
                .mapToObj(i -> new NumberedRequests(keys, broker, kind + i))
                .toList();
    }

    boolean isIdle() {
        return stores.stream().allMatch(NumberedRequests::isIdle)
                && fills.stream().allMatch(NumberedRequests::isIdle);
    }

    private CompletableFuture<Reply> inTurn(List<NumberedRequests> tracks, ScriptRequest request) {
        return scripts.inTurn(tracks.get(Math.floorMod(sent.getAndIncrement(), TRACKS)), request);
    }

    CompletableFuture<StoreReply> store(@Nullable WorkflowWrite write, List<WorkflowJob> jobs) {
        ScriptRequest request = scripts.of(Script.STORE).with("keep", 0);
        if (write != null) {
            StoredWorkflow after = write.after();
            String revision = WireText.of("revision", after.revision());
            String expected = write.expected();
            request.with("workflow", WireText.of("workflow id", after.id()))
                    .with("expected", expected == null ? "" : WireText.of("revision", expected))
                    .with("revision", revision)
                    .with("plan", plan(write.isFinal() ? revision + FINAL : revision, after.content()))
                    .with("keep", after.keepMillis());
        }
        for (WorkflowJob job : jobs) {
            request.addKey(keys.job(WireText.of("job id", job.job().id())))
                    .add(StoredJob.create(
                            Priority.check(job.job().priority()), job.job().body()))
                    .add(WorkflowWords.constraints(job))
                    .add(WorkflowWords.times(job));
        }
        return inTurn(stores, request).thenApply(reply -> stored(jobs, reply.text("answers")));
    }

    private static byte[] plan(String revision, byte[] content) {
        byte[] before = (revision + " ").getBytes(StandardCharsets.ISO_8859_1);
        byte[] plan = Arrays.copyOf(before, before.length + content.length);
        System.arraycopy(content, 0, plan, before.length, content.length);
        return plan;
    }

    private static StoreReply stored(List<WorkflowJob> jobs, String answers) {
        List<EnqueueReply> replies = new ArrayList<>(jobs.size());
        for (int i = 0; i < jobs.size(); i++) {
            String id = jobs.get(i).job().id();
            replies.add(
                    switch (answers.charAt(i + 1)) {
                        case '1' -> EnqueueReply.ACCEPTED;
                        case 's' -> new EnqueueReply.Superseded(id);
                        default -> new EnqueueReply.Duplicate(id);
                    });
        }
        return new StoreReply(answers.charAt(0) == '1', List.copyOf(replies));
    }

    CompletableFuture<Optional<StoredWorkflow>> find(String id, boolean notify) {
        ScriptRequest request = scripts.of(Script.WORKFLOWS)
                .with("workflow", WireText.of("workflow id", id))
                .with("notify", notify ? 1 : 0)
                .with("offset", 0)
                .with("limit", 1);
        CompletableFuture<Void> heard =
                notify ? wakeups.hearFinished(keys.queue()) : CompletableFuture.completedFuture(null);
        return heard.thenCompose(done -> scripts.send(request))
                .thenApply(reply -> workflows(reply).stream().findFirst());
    }

    CompletableFuture<List<StoredWorkflow>> list(int offset, int limit) {
        return scripts.send(scripts.of(Script.WORKFLOWS)
                        .with("notify", 0)
                        .with("offset", offset)
                        .with("limit", limit))
                .thenApply(this::workflows);
    }

    /** Without those that nobody can read. */
    private List<StoredWorkflow> workflows(Reply reply) {
        List<StoredWorkflow> found = new ArrayList<>();
        for (int i = reply.first("workflows"); i < reply.size(); i += 4) {
            try {
                found.add(workflow(reply, i));
            } catch (IllegalArgumentException e) {
                LOG.error(
                        "workflow {} of queue {} cannot be read and is left out: Tidemill did not write it so, or it is"
                                + " damaged",
                        WireText.show(reply.text(i)),
                        keys.queue());
            }
        }
        return List.copyOf(found);
    }

    private static StoredWorkflow workflow(Reply reply, int at) {
        byte[] plan = reply.bytes(at + 2);
        String text = reply.text(at + 2);
        int end = text.indexOf(' ');
        if (end < 0) {
            throw new IllegalArgumentException("the plan has no revision");
        }
        byte[] outcome = reply.bytes(at + 3);
        long keep = reply.number(at + 1);
        String wire = text.substring(0, end);
        String revision = WireText.read(
                "revision", wire.endsWith(FINAL) ? wire.substring(0, wire.length() - FINAL.length()) : wire);
        byte[] content = Arrays.copyOfRange(plan, end + 1, plan.length);
        return new StoredWorkflow(
                WireText.read("workflow id", reply.text(at)),
                outcome.length == 0 ? revision : revision + StoredWorkflow.ENDED,
                content,
                keep,
                outcome.length == 0 ? null : new WorkflowEnd(Arrays.copyOfRange(outcome, 1, outcome.length), keep));
    }

    CompletableFuture<Void> end(String workflow, WorkflowEnd end) {
        return scripts.send(scripts.of(Script.END)
                        .with("workflow", WireText.of("workflow id", workflow))
                        .with("keep", end.keepMillis())
                        .with("outcome", end.outcome()))
                .thenAccept(reply -> {});
    }

    CompletableFuture<List<FillReply>> fill(List<Fill> wanted) {
        ScriptRequest request = scripts.of(Script.FILL);
        for (Fill fill : wanted) {
            request.add(WireText.of("job id", fill.job()))
                    .add(WorkflowWords.place(fill))
                    .add(WorkflowWords.value(fill));
        }
        return inTurn(fills, request).thenApply(reply -> filled(reply.text("flags")));
    }

    private static List<FillReply> filled(String flags) {
        return flags.chars()
                .mapToObj(flag -> switch (flag) {
                    case 'f' -> FillReply.FILLED;
                    case 'r' -> FillReply.READY;
                    case 'a' -> FillReply.ALREADY;
                    default -> FillReply.GONE;
                })
                .toList();
    }

    CompletableFuture<Optional<PlacePage>> places(String job, int from, int limit) {
        return scripts.send(scripts.of(Script.PLACES)
                        .key(KeyKind.PLACES, keys.places(WireText.of("job id", job)))
                        .with("from", from)
                        .with("limit", limit))
                .thenApply(QueueWorkflows::page);
    }

    private static Optional<PlacePage> page(Reply reply) {
        String count = reply.text("count");
        if (count.isEmpty()) {
            return Optional.empty();
        }
        List<PlaceValue> values = new ArrayList<>();
        for (int i = reply.first("values"); i < reply.size(); i++) {
            values.add(WorkflowWords.value(reply.bytes(i)));
        }
        return Optional.of(new PlacePage(Integer.parseInt(count), (int) reply.number("filled"), List.copyOf(values)));
    }

    CompletableFuture<List<OutboxMessage>> outbox(int limit) {
        return scripts.send(scripts.of(Script.OUTBOX).with("limit", limit)).thenApply(this::messages);
    }

    /** Without those that nobody can read; they stay, and do not hold up the others. */
    private List<OutboxMessage> messages(Reply reply) {
        List<OutboxMessage> messages = new ArrayList<>();
        for (int i = reply.first("messages"); i < reply.size(); i++) {
            try {
                messages.add(WorkflowWords.read(reply.bytes(i)));
            } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
                LOG.error(
                        "a message in the outbox of queue {} cannot be read and is left there: Tidemill did not write"
                                + " it so, or it is damaged",
                        keys.queue());
            }
        }
        return List.copyOf(messages);
    }

    CompletableFuture<Void> delivered(List<Long> numbers) {
        ScriptRequest request = scripts.of(Script.DELIVERED);
        numbers.forEach(request::add);
        return scripts.send(request).thenAccept(reply -> {});
    }

    CompletableFuture<Void> stop(String workflow, long keepMillis) {
        return scripts.send(scripts.of(Script.STOP)
                        .with("workflow", WireText.of("workflow id", workflow))
                        .with("keep", keepMillis))
                .thenAccept(reply -> {});
    }
}
