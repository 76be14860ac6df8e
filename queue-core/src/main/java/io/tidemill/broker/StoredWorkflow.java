package io.tidemill.broker;

import io.tidemill.text.PrintableText;
import org.jspecify.annotations.Nullable;

/**
 * The record of a workflow as the broker keeps it, in the queue that is its home.
 *
 * <p>Immutable, except that {@code content} is not copied.
 *
 * @param id the workflow: printable text, unique in its queue
 * @param revision changes with every write; made by whoever writes it, and different from all others, so that a write
 *     that was executed is recognised when it is repeated. An end changes it, too: it is found with {@link #ENDED}
 *     behind it, so whoever has not seen the end cannot write
 * @param content its plan and its state, opaque to the broker: 0 to {@value #MAX_CONTENT_BYTES} bytes of any value
 * @param keepMillis for how long after it was written it is kept, in ms; {@link #UNTIL_WRITTEN} for a workflow that has
 *     not ended
 * @param end how it ended, if it has succeeded: a workflow with an end has ended, whatever its content says. Null in a
 *     write, which takes an end away that is there
 */
public record StoredWorkflow(
        String id,
        String revision,
        byte[] content,
        long keepMillis,
        @Nullable WorkflowEnd end) {

    /** Kept until it is written again. */
    public static final long UNTIL_WRITTEN = 0;

    /** Stands behind the revision of a record that has an end. */
    public static final String ENDED = " ended";

    /** Most bytes of the content. */
    public static final int MAX_CONTENT_BYTES = 1 << 20;

    /** Checks the texts, the range of the time and the length of the content. */
    public StoredWorkflow {
        PrintableText.check("workflow id", id);
        PrintableText.check("revision", revision);
        if (keepMillis < 0) {
            throw new IllegalArgumentException("keepMillis must be 0 or more, got " + keepMillis);
        }
        if (content.length > MAX_CONTENT_BYTES) {
            throw new IllegalArgumentException("the content of workflow " + id + " must have at most "
                    + MAX_CONTENT_BYTES + " bytes, got " + content.length);
        }
    }

    /** One that has no end. */
    public StoredWorkflow(String id, String revision, byte[] content, long keepMillis) {
        this(id, revision, content, keepMillis, null);
    }

    /** The same with this end. */
    public StoredWorkflow with(@Nullable WorkflowEnd value) {
        return new StoredWorkflow(id, revision, content, keepMillis, value);
    }

    /** Whether it has ended. */
    public boolean hasEnded() {
        return end != null || keepMillis != UNTIL_WRITTEN;
    }
}
