package io.tidemill.metrics;

import io.micrometer.common.docs.KeyName;

/** The tags of the meters. Each has few values, whatever names jobs carry. */
public enum MeterTag implements KeyName {
    /** Which {@code TaskQueue} of the process. */
    NAME("name", "which `TaskQueue` of the process: see `MicrometerMetrics.named`"),
    /** The queue. */
    QUEUE("queue", "the queue, or `other`"),
    /** The task. */
    TASK("task", "the task, or `other`"),
    /** How it ended. */
    OUTCOME("outcome", "how it ended"),
    /** Where jobs are. */
    STATE(
            "state",
            "`ready`, `scheduled`, `waiting` for other jobs, `active`, `dead`, or `succeeded` for those that are kept"),
    /** The method of the broker. */
    HOP("hop", "the request: a method of the broker, such as `claim`"),
    /** The script of the broker. */
    SCRIPT("script", "the script, such as `claim`: a chapter of the [protocol](redis-protocol.md)"),
    /** Which part of health. */
    CHECK("check", "`ready` or `live`"),
    /** The thread of a loop. */
    LOOP("loop", "the thread of the loop, such as `tidemill-fetch`");

    private final String key;
    private final String meaning;

    MeterTag(String key, String meaning) {
        this.key = key;
        this.meaning = meaning;
    }

    @Override
    public String asString() {
        return key;
    }

    /** What its values are: half a sentence in Markdown. */
    public String meaning() {
        return meaning;
    }
}
