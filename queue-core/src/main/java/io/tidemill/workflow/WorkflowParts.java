package io.tidemill.workflow;

import io.tidemill.broker.Broker;
import io.tidemill.flow.StepJobs;
import io.tidemill.record.Payloads;
import io.tidemill.send.Awaiter;
import io.tidemill.send.Sender;
import io.tidemill.text.JobIds;
import java.util.concurrent.Executor;

/** What the handles of workflows share. Thread-safe. */
record WorkflowParts(
        Broker broker,
        Sender sender,
        Awaiter awaiter,
        Payloads payloads,
        StepJobs jobs,
        JobIds revisions,
        Executor executor) {}
