package io.tidemill.redis;

import io.tidemill.batch.BatchLimits;
import io.tidemill.batch.Coalescer;
import io.tidemill.broker.Broker;
import io.tidemill.broker.DueSchedules;
import io.tidemill.broker.FoundSchedules;
import io.tidemill.broker.ScheduleStore;
import io.tidemill.broker.ScheduleWrite;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.redis.keys.WireText;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptRequest;
import io.tidemill.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schedules of one queue as one broker object writes and reads them: a method per script that fills in a request
 * and reads its reply. Single writes that come while one is on its way go out together.
 *
 * <p>Thread-safe.
 */
final class QueueSchedules {

    private static final Logger LOG = LoggerFactory.getLogger(RedisBroker.class);
    private static final int MOST_UNREADABLE = 1_000;
    private static final long NOTED_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(10);

    /**
     * A schedule to write.
     *
     * @param expected as it stands in Redis; empty if there must be none
     */
    private record Write(String name, String expected, byte[] plan) {

        static Write of(@Nullable String expected, StoredSchedule schedule) {
            return new Write(
                    WireText.of("schedule name", schedule.name()),
                    expected == null ? "" : WireText.of("revision", expected),
                    StoredPlan.write(schedule));
        }
    }

    private final QueueScripts scripts;
    private final Supplier<CompletableFuture<?>> note;
    private final NumberedRequests numberedWrites;
    private final NumberedRequests removals;
    private final Coalescer<Write, Boolean> writes;
    private volatile @Nullable Long notedNanos;
    /** What was logged as damaged. */
    private final Set<String> unreadable = ConcurrentHashMap.newKeySet();

    /** @param note lists the queue among those that have schedules */
    QueueSchedules(QueueScripts scripts, String broker, Supplier<CompletableFuture<?>> note) {
        this.scripts = scripts;
        this.note = note;
        numberedWrites = new NumberedRequests(scripts.keys(), broker, "schedule");
        removals = new NumberedRequests(scripts.keys(), broker, "unschedule");
        writes = new Coalescer<>(
                new BatchLimits(
                        ScheduleStore.MAX_TAKEN, Broker.MAX_COST, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE),
                write -> write.plan().length,
                () -> 0,
                Runnable::run,
                this::send);
    }

    /** Whether nothing waits and nothing is on its way. */
    boolean isIdle() {
        return writes.isIdle() && numberedWrites.isIdle() && removals.isIdle();
    }

    CompletableFuture<DueSchedules> take(int limit, long holdMillis, Set<String> except) {
        ScriptRequest request = scripts.of(Script.TAKE).with("limit", limit).with("holdMillis", holdMillis);
        except.forEach(name -> request.add(WireText.of("schedule name", name)));
        return scripts.send(request)
                .thenApply(reply -> new DueSchedules(schedules(reply), reply.serverMillis(), next(reply)));
    }

    /** A score is a double: a time in the far future may have become a little later than the latest one. */
    private static long next(Reply reply) {
        String next = reply.text("next");
        return next.isEmpty() ? StoredSchedule.NEVER : (long) Double.parseDouble(next);
    }

    CompletableFuture<Boolean> write(Optional<String> expected, StoredSchedule schedule) {
        return writes.submit(Write.of(expected.orElse(null), schedule));
    }

    /** In one request, or in several if they are large; the requests go one after the other. */
    CompletableFuture<List<Boolean>> write(List<ScheduleWrite> some) {
        CompletableFuture<List<Boolean>> answers = CompletableFuture.completedFuture(List.of());
        List<Write> together = new ArrayList<>();
        long bytes = 0;
        for (ScheduleWrite one : some) {
            Write write = Write.of(one.expected(), one.schedule());
            if (!together.isEmpty() && bytes + write.plan().length > Broker.MAX_COST) {
                answers = sendAfter(answers, List.copyOf(together));
                together.clear();
                bytes = 0;
            }
            together.add(write);
            bytes += write.plan().length;
        }
        return sendAfter(answers, List.copyOf(together));
    }

    private CompletableFuture<List<Boolean>> sendAfter(CompletableFuture<List<Boolean>> before, List<Write> some) {
        return before.thenCompose(done -> send(some)
                .thenApply(answers ->
                        Stream.concat(done.stream(), answers.stream()).toList()));
    }

    /** The queue is listed before it has a schedule: one in a queue that is not listed would never fire. */
    private CompletableFuture<List<Boolean>> send(List<Write> some) {
        ScriptRequest request = scripts.of(Script.SCHEDULE);
        for (Write write : some) {
            request.add(write.name()).add(write.expected()).add(write.plan());
        }
        Deadline deadline = scripts.requests().deadline();
        return noted().thenCompose(done -> scripts.inTurn(numberedWrites, request, deadline))
                .thenApply(reply -> reply.text("answers")
                        .chars()
                        .mapToObj(digit -> digit == '1')
                        .toList());
    }

    /** Again every 10 minutes: a Redis may have lost the list, and what was not noted for an hour may be forgotten. */
    private CompletableFuture<?> noted() {
        Long last = notedNanos;
        long now = Clock.system().nanos();
        if (last != null && now - last <= NOTED_AGAIN_NANOS) {
            return CompletableFuture.completedFuture(null);
        }
        return note.get().thenRun(() -> notedNanos = now);
    }

    CompletableFuture<Boolean> remove(String name, String expected) {
        return scripts.inTurn(
                        removals,
                        scripts.of(Script.UNSCHEDULE)
                                .with("name", WireText.of("schedule name", name))
                                .with("expected", WireText.of("revision", expected)))
                .thenApply(reply -> reply.is("gone"));
    }

    CompletableFuture<Optional<StoredSchedule>> find(String name) {
        return show(List.of(name), 0, 0)
                .thenApply(reply -> schedules(reply).stream().findFirst());
    }

    CompletableFuture<FoundSchedules> find(List<String> names) {
        return show(names, 0, 0)
                .thenApply(reply ->
                        new FoundSchedules(schedules(reply), (int) reply.number("looked"), reply.serverMillis()));
    }

    CompletableFuture<List<StoredSchedule>> list(int offset, int limit) {
        return show(List.of(), offset, limit).thenApply(this::schedules);
    }

    CompletableFuture<Long> count() {
        return show(List.of(), 0, 0).thenApply(reply -> reply.number("count"));
    }

    CompletableFuture<Long> nowMillis() {
        return show(List.of(), 0, 0).thenApply(Reply::serverMillis);
    }

    private CompletableFuture<Reply> show(List<String> names, int offset, int limit) {
        ScriptRequest request =
                scripts.of(Script.SCHEDULES).with("offset", offset).with("limit", limit);
        names.forEach(name -> request.add(WireText.of("schedule name", name)));
        return scripts.send(request);
    }

    /**
     * Without those that nobody can read: they are left as they are, and must not hold up the others. They are brought
     * again and again, and logged once.
     */
    private List<StoredSchedule> schedules(Reply reply) {
        List<StoredSchedule> schedules = new ArrayList<>();
        for (int i = reply.first("schedules"); i < reply.size(); i += 2) {
            Optional<StoredSchedule> schedule = StoredPlan.read(reply.text(i), reply.bytes(i + 1));
            if (schedule.isEmpty() && isNewlyUnreadable(reply.text(i), reply.bytes(i + 1))) {
                LOG.error(
                        "schedule {} of queue {} cannot be read and is left out: Tidemill did not write it so, or it is"
                                + " damaged; write it again",
                        WireText.show(reply.text(i)),
                        scripts.keys().queue());
            }
            schedule.ifPresent(schedules::add);
        }
        return List.copyOf(schedules);
    }

    private boolean isNewlyUnreadable(String name, byte[] plan) {
        if (unreadable.size() >= MOST_UNREADABLE) {
            unreadable.clear();
        }
        return unreadable.add(name + " " + Arrays.hashCode(plan));
    }
}
