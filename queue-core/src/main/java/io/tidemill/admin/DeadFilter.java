package io.tidemill.admin;

import io.tidemill.broker.JobSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * Which dead jobs are meant.
 *
 * @param task those of this task; null for any
 * @param errorType those whose last failure is of this type: the class name, whole or without its package; null for any
 */
public record DeadFilter(@Nullable String task, @Nullable String errorType) {

    /** All of them. */
    public static final DeadFilter ALL = new DeadFilter(null, null);

    /** Those of one task. */
    public static DeadFilter task(String name) {
        return new DeadFilter(name, null);
    }

    /** Those that died of one type of error. */
    public static DeadFilter errorType(String type) {
        return new DeadFilter(null, type);
    }

    boolean matches(JobSnapshot job) {
        if (task == null && errorType == null) {
            return true;
        }
        JobInfo info = JobInfo.of(job);
        return (task == null || task.equals(info.task())) && (errorType == null || hasType(info, errorType));
    }

    private static boolean hasType(JobInfo info, String wanted) {
        if (info.failure() == null) {
            return false;
        }
        String type = info.failure().type();
        return type.equals(wanted) || type.endsWith("." + wanted) || type.endsWith("$" + wanted);
    }
}
