package io.tidemill.test.assertj;

import io.tidemill.test.EnqueuedJob;
import io.tidemill.test.TestQueue;
import io.tidemill.text.Texts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a test expects of jobs of one task. Each method checks at once: there must be a job that is like all that was
 * said so far. An error lists what was enqueued, and in what each job differs.
 *
 * <p>Not thread-safe.
 */
public final class EnqueuedAssert {

    private static final int MOST_LISTED = 20;

    /**
     * One thing that is expected.
     *
     * @param text what, for the error
     * @param difference in what a job differs from it; null if it does not
     */
    private record Expected(String text, Function<EnqueuedJob, @Nullable String> difference) {}

    private final List<EnqueuedJob> all;
    private final List<EnqueuedJob> ofTask;
    private final String task;
    private final List<Expected> expected = new ArrayList<>();

    EnqueuedAssert(TestQueue queue, String task) {
        this.all = queue.enqueued();
        this.ofTask = all.stream().filter(job -> job.task().equals(task)).toList();
        this.task = task;
        check();
    }

    /** With these arguments, by {@code equals}; arrays by what they hold. */
    public EnqueuedAssert withArguments(@Nullable Object... arguments) {
        List<@Nullable Object> wanted = Arrays.asList(arguments);
        return expect("with " + shown(wanted), job -> differenceOfArguments(wanted, job.arguments()));
    }

    /** Due so long after it was enqueued; zero for at once. */
    public EnqueuedAssert withDelay(Duration delay) {
        return expectEqual("delay", delay, EnqueuedJob::delay, EnqueuedAssert::shown);
    }

    /** With this priority. */
    public EnqueuedAssert withPriority(int priority) {
        return expectEqual("priority", priority, EnqueuedJob::priority, String::valueOf);
    }

    /** In this queue. */
    public EnqueuedAssert inQueue(String name) {
        return expectEqual("queue", name, EnqueuedJob::queue, String::valueOf);
    }

    /** In this group. */
    public EnqueuedAssert inGroup(String name) {
        return expectEqual("group", name, EnqueuedJob::group, String::valueOf);
    }

    /** With this unique key. */
    public EnqueuedAssert withUniqueKey(String key) {
        return expectEqual("unique key", key, EnqueuedJob::uniqueKey, String::valueOf);
    }

    /** With this header. */
    public EnqueuedAssert withHeader(String name, String value) {
        return expectEqual("header " + name, value, job -> job.headers().get(name), String::valueOf);
    }

    /** One such job, and no more. */
    public EnqueuedAssert once() {
        return times(1);
    }

    /** So many such jobs, 1 or more. */
    public EnqueuedAssert times(int count) {
        if (count < 1) {
            throw new IllegalArgumentException(
                    "times must be 1 or more, got " + count + "; that there is none says enqueuedNone(task)");
        }
        long found = matching().size();
        if (found != count) {
            throw new AssertionError("expected " + Texts.count(count, "job") + " of " + described() + ", but there are "
                    + found + "; enqueued were:\n" + described(ofTask, this::differences));
        }
        return this;
    }

    /** Those jobs, to look at with other assertions. */
    public List<EnqueuedJob> jobs() {
        return matching();
    }

    private <V> EnqueuedAssert expectEqual(
            String what, V wanted, Function<EnqueuedJob, @Nullable V> value, Function<V, String> text) {
        return expect("with " + what + " " + text.apply(wanted), job -> {
            V actual = value.apply(job);
            return Objects.equals(actual, wanted) ? null : what + " " + (actual == null ? "none" : text.apply(actual));
        });
    }

    private EnqueuedAssert expect(String text, Function<EnqueuedJob, @Nullable String> difference) {
        expected.add(new Expected(text, difference));
        check();
        return this;
    }

    private void check() {
        if (ofTask.isEmpty()) {
            throw new AssertionError("expected a job of " + task + ", but "
                    + (all.isEmpty() ? "nothing was enqueued" : "enqueued were:\n" + described(all)));
        }
        if (matching().isEmpty()) {
            throw new AssertionError(
                    "expected a job of " + described() + "; enqueued were:\n" + described(ofTask, this::differences));
        }
    }

    private List<EnqueuedJob> matching() {
        return ofTask.stream()
                .filter(job ->
                        expected.stream().allMatch(each -> each.difference().apply(job) == null))
                .toList();
    }

    private String differences(EnqueuedJob job) {
        String all = expected.stream()
                .map(each -> each.difference().apply(job))
                .filter(Objects::nonNull)
                .collect(Collectors.joining(", "));
        return all.isEmpty() ? "" : " (differs: " + all + ")";
    }

    private String described() {
        return expected.stream()
                .map(Expected::text)
                .collect(Collectors.joining(" ", expected.isEmpty() ? task : task + " ", ""));
    }

    static String described(List<EnqueuedJob> jobs) {
        return described(jobs, job -> "");
    }

    private static String described(List<EnqueuedJob> jobs, Function<EnqueuedJob, String> more) {
        String lines = jobs.stream()
                .limit(MOST_LISTED)
                .map(job -> "  " + job.task() + " " + shown(job.arguments())
                        + (job.delay().isZero() ? "" : " in " + shown(job.delay())) + more.apply(job))
                .collect(Collectors.joining("\n"));
        return jobs.size() <= MOST_LISTED ? lines : lines + "\n  and " + (jobs.size() - MOST_LISTED) + " more";
    }

    private static @Nullable String differenceOfArguments(
            List<@Nullable Object> wanted, List<@Nullable Object> actual) {
        if (wanted.size() != actual.size()) {
            return Texts.count(actual.size(), "argument") + " instead of " + wanted.size();
        }
        for (int i = 0; i < wanted.size(); i++) {
            if (!Objects.deepEquals(wanted.get(i), actual.get(i))) {
                return "argument " + (i + 1) + " is " + shown(actual.get(i));
            }
        }
        return null;
    }

    private static String shown(List<@Nullable Object> arguments) {
        return arguments.stream().map(EnqueuedAssert::shown).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String shown(@Nullable Object value) {
        String text = Arrays.deepToString(new @Nullable Object[] {value});
        return text.substring(1, text.length() - 1);
    }

    private static String shown(Duration duration) {
        return Texts.duration(duration);
    }
}
