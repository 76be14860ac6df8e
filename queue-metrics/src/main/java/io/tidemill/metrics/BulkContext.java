package io.tidemill.metrics;

import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;
import io.tidemill.client.SendInterceptor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Calls that are enqueued together. What a propagator sets becomes headers of each job.
 *
 * <p>Used by one thread, the one that enqueues.
 */
public final class BulkContext extends SenderContext<Map<String, String>> {

    /** The value of a tag if the calls of a bulk have different ones. */
    static final String SEVERAL = "several";

    private final KnownNames names;
    private final Map<String, String> fields = new LinkedHashMap<>();
    private @Nullable String queueTag;
    private @Nullable String taskTag;
    private final boolean isLinked;
    private long size;

    /**
     * A bulk without calls.
     *
     * @param isLinked whether runs are linked with it, and not its children
     */
    BulkContext(KnownNames names, boolean isLinked) {
        super(BulkContext::set, Kind.PRODUCER);
        this.names = names;
        this.isLinked = isLinked;
        setCarrier(fields);
    }

    private static void set(@Nullable Map<String, String> fields, String key, String value) {
        if (fields != null) {
            fields.put(key, value);
        }
    }

    /** How many calls were written so far. */
    public long size() {
        return size;
    }

    /** The queue of all calls so far; {@code several} if they differ, {@code other} if it is not known here. */
    public String queueTag() {
        return queueTag == null ? KnownNames.OTHER : queueTag;
    }

    /** The task of all calls so far; {@code several} or {@code other} likewise. */
    public String taskTag() {
        return taskTag == null ? KnownNames.OTHER : taskTag;
    }

    void add(SendInterceptor.Sending sending) {
        size++;
        queueTag = together(queueTag, names.queue(sending.queue()));
        taskTag = together(taskTag, names.task(sending.task()));
    }

    private static String together(@Nullable String before, String next) {
        return before == null || before.equals(next) ? next : SEVERAL;
    }

    void writeHeaders(SendInterceptor.Sending sending) {
        String parent = fields.get(SentFields.PARENT);
        if (!isLinked) {
            fields.forEach((key, value) -> SentFields.write(sending, key, value));
        } else if (parent != null) {
            SentFields.write(sending, SentFields.LINK, parent);
        }
    }
}
