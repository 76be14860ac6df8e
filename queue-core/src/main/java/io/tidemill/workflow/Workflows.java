package io.tidemill.workflow;

import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.flow.AddingRun;
import io.tidemill.flow.StepJobs;
import io.tidemill.flow.WorkflowStarter;
import io.tidemill.observe.Observers;
import io.tidemill.plan.Plan;
import io.tidemill.record.Payloads;
import io.tidemill.send.Awaiter;
import io.tidemill.send.Sender;
import io.tidemill.task.TaskContext;
import io.tidemill.text.JobIds;
import io.tidemill.text.Names;
import io.tidemill.time.Clock;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The workflows of one broker: starts them, and gives handles.
 *
 * <p>Thread-safe.
 */
public final class Workflows implements WorkflowClient {

    private final Broker broker;
    private final Sender sender;
    private final JobIds ids;
    private final WorkflowStarter starter;
    private final WorkflowParts parts;

    /**
     * Workflows at this broker.
     *
     * @param sender writes the calls
     * @param awaiter waits for ends
     * @param executor where results are read
     */
    public Workflows(
            Broker broker,
            Sender sender,
            Awaiter awaiter,
            Payloads payloads,
            Observers observers,
            Clock clock,
            Executor executor) {
        this.broker = broker;
        this.sender = sender;
        this.ids = new JobIds(clock::millis);
        StepJobs jobs = new StepJobs(payloads);
        this.starter = new WorkflowStarter(broker, jobs, observers, ids, clock);
        this.parts = new WorkflowParts(broker, sender, awaiter, payloads, jobs, ids, executor);
    }

    @Override
    public <R extends @Nullable Object> WorkflowHandle<R> start(Workflow<R> workflow) {
        Objects.requireNonNull(workflow, "workflow");
        broker.require(Ability.WORKFLOWS);
        String wanted = workflow.options().id();
        String id = wanted == null ? ids.next() : wanted;
        String jobs = wanted == null ? id : WorkflowStarter.newJobs(wanted);
        Plan plan = Planner.plan(workflow, jobs, sender.steps());
        boolean isNew = starter.start(id, plan);
        return new BrokerWorkflowHandle<>(parts, plan.home(), id, ValueType.of(workflow), isNew);
    }

    @Override
    public void addSteps(Workflow<?> steps) {
        Objects.requireNonNull(steps, "steps");
        TaskContext context = TaskContext.current();
        if (!(context instanceof AddingRun run)) {
            throw new IllegalStateException(
                    "job " + context.jobId() + " is run by no worker, so it is no step of a workflow");
        }
        run.additions().add((workflow, whenDone) -> Planner.planAdded(steps, workflow, whenDone, sender.steps()));
    }

    @Override
    public <R extends @Nullable Object> WorkflowHandle<R> workflow(Workflow<R> definition, String id) {
        WorkflowNames.checkId(id);
        String home = Planner.home(definition, sender.steps());
        return new BrokerWorkflowHandle<>(parts, home, id, ValueType.of(definition), false);
    }

    @Override
    public WorkflowHandle<@Nullable Object> workflow(String home, String id) {
        return new BrokerWorkflowHandle<>(
                parts, Names.check("home queue", home), WorkflowNames.checkId(id), ValueType.ANY, false);
    }
}
