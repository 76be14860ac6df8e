package io.tidemill;

import io.tidemill.client.TaskClient;
import io.tidemill.workflow.WorkflowClient;

/** Everything that sends: single jobs, many, and workflows. What a task is given that enqueues more. Thread-safe. */
public interface QueueClient extends TaskClient, WorkflowClient {}
