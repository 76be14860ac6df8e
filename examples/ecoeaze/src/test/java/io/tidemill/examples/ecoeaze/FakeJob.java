package io.tidemill.examples.ecoeaze;

import io.tidemill.task.TaskContext;
import java.util.Map;

/** A first attempt at a job, for tasks that are called without a queue. */
public record FakeJob(String jobId) implements TaskContext {

    @Override
    public String task() {
        return "test";
    }

    @Override
    public String queue() {
        return "test";
    }

    @Override
    public int attempt() {
        return 1;
    }

    @Override
    public Map<String, String> headers() {
        return Map.of();
    }

    @Override
    public boolean isCancelled() {
        return false;
    }

    @Override
    public boolean isLeaseValid() {
        return true;
    }
}
