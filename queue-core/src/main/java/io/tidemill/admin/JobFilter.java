package io.tidemill.admin;

import io.tidemill.lint.CheckReturnValue;
import io.tidemill.record.Job;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which jobs of a queue are meant that have not ended: those that match all that was said.
 *
 * <pre>{@code
 * JobFilter.task("send_email").header("tenant", "acme")
 * }</pre>
 *
 * <p>Immutable.
 */
@CheckReturnValue
public final class JobFilter {

    /** All of them. */
    public static final JobFilter ALL = new JobFilter(null, null, null, null);

    private final @Nullable Set<String> ids;
    private final @Nullable String task;
    private final @Nullable String header;
    private final @Nullable String value;

    private JobFilter(
            @Nullable Set<String> ids, @Nullable String task, @Nullable String header, @Nullable String value) {
        this.ids = ids;
        this.task = task;
        this.header = header;
        this.value = value;
    }

    /** Those with these ids. They are asked for one by one, however many jobs the queue has. */
    public static JobFilter ids(Collection<String> ids) {
        return new JobFilter(Set.copyOf(new LinkedHashSet<>(ids)), null, null, null);
    }

    /** Those of one task, by its name. */
    public static JobFilter task(String name) {
        return new JobFilter(null, Objects.requireNonNull(name, "name"), null, null);
    }

    /** Those among them with this header. Another call of this replaces it. */
    public JobFilter header(String name, String is) {
        return new JobFilter(ids, task, Objects.requireNonNull(name, "name"), Objects.requireNonNull(is, "is"));
    }

    /** The ids that were named; null if any will do. */
    @Nullable
    Set<String> ids() {
        return ids;
    }

    boolean matches(String id, byte[] body) {
        if (ids != null && !ids.contains(id)) {
            return false;
        }
        if (task == null && header == null) {
            return true;
        }
        Job record = JobInfo.read(body);
        return (task == null || task.equals(record.task()))
                && (header == null || Objects.equals(value, record.headers().get(header)));
    }

    @Override
    public String toString() {
        return "JobFilter[ids=" + ids + ", task=" + task + ", header=" + header + ", value=" + value + "]";
    }
}
