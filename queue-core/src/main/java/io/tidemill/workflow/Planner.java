package io.tidemill.workflow;

import io.tidemill.client.Call;
import io.tidemill.plan.Argument;
import io.tidemill.plan.FailurePolicy;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanCodec;
import io.tidemill.plan.PlanEnds;
import io.tidemill.plan.PlanStep;
import io.tidemill.plan.StepKind;
import io.tidemill.plan.Target;
import io.tidemill.plan.WorkflowRef;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.send.StepWriter;
import io.tidemill.task.Priority;
import io.tidemill.text.Names;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes the plan of a workflow: writes its calls, and decides which steps are stored by the completion of another one
 * and which wait from the start.
 *
 * <p>A step that waits for one step only, which is in the same queue, is stored by the completion of that one, and
 * travels in its record until then. All others wait. A chain that is too long to travel is cut: its rest waits, too.
 *
 * <p>Used once, by one thread.
 */
final class Planner {

    /** Most bytes of the steps that travel in one record. More would be copied from record to record of a chain. */
    private static final int MOST_CARRIED = 8 << 10;

    /** Most jobs that one completion stores, and most places that it fills. */
    private static final int MOST_MADE = 64;

    private static final int MOST_FILLED = 1_000;

    private final Workflow<?> workflow;
    private final String jobs;
    private final StepWriter writer;
    /** What it is added to while that runs; null for a workflow of its own. */
    private final @Nullable Addition addition;

    private final Graph graph;
    private final List<String> names;
    private final Graph.@Nullable Needs[] needs;
    private final StepWriter.@Nullable Written[] calls;
    private final String[] queues;
    private final String home;

    /** What the completion of each step stores and fills, and how many bytes of steps travel with it. */
    private final List<List<PlanStep>> makes = new ArrayList<>();

    private final List<List<Target>> fills = new ArrayList<>();
    private final int[] carried;

    /**
     * The workflow that these steps are added to.
     *
     * @param workflow the workflow, with the ids of the jobs of added steps
     * @param whenDone the place that the last of them fills
     */
    private record Addition(WorkflowRef workflow, Target whenDone) {}

    private Planner(Workflow<?> workflow, String jobs, StepWriter writer, @Nullable Addition addition) {
        this.workflow = workflow;
        this.addition = addition;
        this.jobs = jobs;
        this.writer = writer;
        this.graph = new Graph(workflow);
        int size = graph.steps().size();
        if (size > Plan.MAX_STEPS) {
            throw new IllegalArgumentException("workflow " + workflow.name() + " has " + size
                    + " steps, the limit is " + Plan.MAX_STEPS
                    + "; let a step give a list and run a task for each element of it with map(...)");
        }
        this.names = StepNaming.names(graph.steps());
        StepTypes.check(graph.steps(), names);
        this.needs = new Graph.@Nullable Needs[size];
        this.calls = new StepWriter.@Nullable Written[size];
        this.queues = new String[size];
        this.carried = new int[size];
        for (int i = 0; i < size; i++) {
            makes.add(new ArrayList<>());
            fills.add(new ArrayList<>());
            if (graph.isStep(i)) {
                needs[i] = graph.needs(i);
                calls[i] = graph.steps().get(i).kind().hasTask() ? written(i) : null;
            }
        }
        this.home = addition != null ? addition.workflow().home() : home(calls);
        for (int i = 0; i < size; i++) {
            queues[i] = queue(i);
        }
    }

    private static String home(StepWriter.@Nullable Written[] calls) {
        return Arrays.stream(calls)
                .filter(Objects::nonNull)
                .map(StepWriter.Written::queue)
                .findFirst()
                .orElse(Names.DEFAULT_QUEUE);
    }

    /**
     * The plan of a workflow.
     *
     * @param jobs how the ids of its jobs begin
     * @throws IllegalArgumentException if it is too large, or asks for what cannot be
     * @throws io.tidemill.task.PayloadException if an argument cannot be written
     */
    static Plan plan(Workflow<?> workflow, String jobs, StepWriter writer) {
        return new Planner(workflow, jobs, writer, null).plan();
    }

    /**
     * The plan of steps that are added to a workflow while it runs.
     *
     * @param to the workflow, with the ids of their jobs
     * @param whenDone the place that the last of them fills
     * @throws IllegalArgumentException as {@link #plan}, and if it asks for what only a whole workflow can have
     */
    static Plan planAdded(Workflow<?> workflow, WorkflowRef to, Target whenDone, StepWriter writer) {
        if (!workflow.options().equals(WorkflowOptions.DEFAULT)) {
            throw new IllegalArgumentException("workflow \"" + workflow.name()
                    + "\" cannot be added to another one with choices of its own (id, keep, what is done on a failure,"
                    + " callbacks); make them on the whole workflow");
        }
        for (StepDefinition step : workflow.definitions()) {
            if (step.kind() == StepKind.SIGNAL || step.compensation() != null) {
                throw new IllegalArgumentException("steps that are added while a workflow runs cannot "
                        + (step.kind() == StepKind.SIGNAL ? "wait for signals" : "have compensations")
                        + "; let the workflow have such steps from its start");
            }
        }
        return new Planner(workflow, to.jobs(), writer, new Addition(to, whenDone)).plan();
    }

    /** The queue that has the record of this workflow: that of its first call. */
    static String home(Workflow<?> workflow, StepWriter writer) {
        return workflow.definitions().stream()
                .filter(step -> step.kind().hasTask())
                .findFirst()
                .map(step -> writer.queue(
                        call(step, new @Nullable Object[step.inputs().size()])))
                .orElse(Names.DEFAULT_QUEUE);
    }

    private StepWriter.Written written(int step) {
        return written(graph.steps().get(step), names.get(step), step);
    }

    private StepWriter.Written written(StepDefinition definition, String name, int number) {
        @Nullable Object[] known = new Object[definition.inputs().size()];
        Set<Integer> fromSteps = new HashSet<>();
        for (int i = 0; i < known.length; i++) {
            if (definition.inputs().get(i) instanceof StepDefinition.Input.Known input) {
                known[i] = input.value();
            } else {
                fromSteps.add(i);
            }
        }
        return writer.write(call(definition, known), fromSteps, name, WorkflowRef.jobId(jobs, number));
    }

    private static Call<?> call(StepDefinition definition, @Nullable Object[] known) {
        Call<?> call = definition.declared() == null
                ? Call.named(definition.task(), known)
                : Call.ofDeclared(definition.declared(), known);
        return call.withOptions(definition.options());
    }

    /** A step without a task is done where the first one is that it waits for: some worker serves that queue. */
    private String queue(int step) {
        StepWriter.Written call = calls[step];
        Graph.Needs waits = needs[step];
        if (graph.steps().get(step).kind() == StepKind.CLOSE) {
            return home;
        }
        if (call != null) {
            return call.queue();
        }
        return waits == null || waits.sources().isEmpty()
                ? home
                : queues[waits.sources().get(0)];
    }

    private Plan plan() {
        List<PlanStep> first = new ArrayList<>();
        List<PlanStep> waiting = new ArrayList<>();
        // From the last to the first: what follows on a step is known when the step is made.
        for (int i = needs.length - 1; i >= 0; i--) {
            Graph.Needs waits = needs[i];
            if (waits == null) {
                continue;
            }
            PlanStep step = step(i, waits);
            if (step.kind() == StepKind.SIGNAL) {
                waiting.add(step);
            } else if (waits.sources().isEmpty()) {
                first.add(step);
            } else if (!isCarried(step, waits)) {
                waiting.add(step);
                addFills(step, waits);
            }
        }
        Collections.reverse(first);
        Collections.reverse(waiting);
        Plan plan = new Plan(
                workflow.name(),
                policy(),
                home,
                jobs,
                workflow.options().keep().toMillis(),
                workflow.resultStep(),
                first,
                waiting,
                ends());
        checkSize(plan);
        return plan;
    }

    private FailurePolicy policy() {
        if (addition != null) {
            // Whether their workers ask first is what matters of it.
            return addition.workflow().asksFirst() ? FailurePolicy.COMPENSATE : FailurePolicy.FAIL;
        }
        FailurePolicy chosen = workflow.options().onFailure();
        boolean isCompensated = graph.steps().stream().anyMatch(step -> step.compensation() != null);
        if (isCompensated && chosen == FailurePolicy.CONTINUE) {
            throw new IllegalArgumentException("workflow " + workflow.name()
                    + " has steps with compensations and goes on without failed steps (continueOnFailure()); choose one"
                    + " of both");
        }
        return isCompensated ? FailurePolicy.COMPENSATE : chosen;
    }

    private PlanEnds ends() {
        List<PlanEnds.Compensation> compensations = new ArrayList<>();
        for (int i = 0; i < needs.length; i++) {
            StepDefinition undo = graph.steps().get(i).compensation();
            if (undo != null) {
                boolean takesValue = undo.sources().findAny().isPresent();
                PlanStep call = call(undo, Plan.FIRST_COMPENSATION + i, "compensate " + names.get(i), takesValue);
                compensations.add(new PlanEnds.Compensation(graph.placeToUndo(i), call));
            }
        }
        List<PlanEnds.Callback> callbacks = new ArrayList<>();
        for (WorkflowOptions.Callback each : workflow.options().callbacks()) {
            String name = "callback " + (callbacks.size() + 1);
            callbacks.add(new PlanEnds.Callback(
                    each.at(), call(each.call(), Plan.FIRST_CALLBACK + callbacks.size(), name, false)));
        }
        return new PlanEnds(compensations, callbacks);
    }

    /** A call that is no step. */
    private PlanStep call(StepDefinition definition, int number, String name, boolean takesValue) {
        StepWriter.Written call = written(definition, name, number);
        return new PlanStep(
                number,
                name,
                StepKind.CALL,
                call.queue(),
                call.record(),
                new PlanStep.Start(call.priority(), call.delayMillis(), call.group()),
                takesValue ? 1 : 0,
                takesValue ? List.of(new Argument.Place(0)) : List.of(),
                List.of(),
                List.of(),
                List.of(),
                0);
    }

    private PlanStep step(int number, Graph.Needs waits) {
        StepDefinition definition = graph.steps().get(number);
        StepWriter.Written call = calls[number];
        List<Argument> arguments = arguments(waits, call);
        boolean isLast = number == graph.last();
        if (isLast && addition != null) {
            fills.get(number).add(addition.whenDone());
        }
        if (fills.get(number).size() > MOST_FILLED) {
            throw new IllegalArgumentException("step \"" + names.get(number) + "\" is what "
                    + fills.get(number).size() + " others wait for, the limit is " + MOST_FILLED
                    + "; let some of them wait for a step in between");
        }
        return new PlanStep(
                number,
                names.get(number),
                definition.kind(),
                queues[number],
                call == null ? noCall(definition) : call.record(),
                call == null
                        ? new PlanStep.Start(Priority.DEFAULT, delayMillis(definition), null)
                        : new PlanStep.Start(call.priority(), call.delayMillis(), call.group()),
                // The place of a signal is filled from outside.
                definition.kind() == StepKind.SIGNAL ? 1 : waits.sources().size(),
                arguments,
                waits.guards(),
                makes.get(number),
                fills.get(number),
                isLast && addition == null ? workflow.options().keep().toMillis() : 0);
    }

    private static List<Argument> arguments(Graph.Needs waits, StepWriter.@Nullable Written call) {
        List<Argument> arguments = new ArrayList<>();
        for (int i = 0; i < waits.arguments().size(); i++) {
            Argument argument = waits.arguments().get(i);
            arguments.add(
                    argument != null
                            ? argument
                            : new Argument.Constant(Objects.requireNonNull(
                                    Objects.requireNonNull(call).constants().get(i))));
        }
        return arguments;
    }

    private static byte[] noCall(StepDefinition step) {
        return JobCodec.encode(new Job(
                step.kind().task(), new byte[0], 0, null, null, step.options().headers()));
    }

    private static long delayMillis(StepDefinition step) {
        Duration delay = step.options().start().delay();
        return delay == null ? 0 : delay.toMillis();
    }

    /**
     * Lets the step travel with the one that it waits for, if it can. Not one that is run also if that one is dead: it
     * would never be stored.
     */
    private boolean isCarried(PlanStep step, Graph.Needs waits) {
        int source = waits.sources().get(0);
        if (waits.sources().size() != 1
                || step.kind() == StepKind.MAPPED
                || step.kind() == StepKind.CLOSE
                || isMap(source)
                || !queues[source].equals(step.queue())
                || makes.get(source).size() == MOST_MADE
                || (step.mayMiss(0) && workflow.options().onFailure() == FailurePolicy.CONTINUE)) {
            return false;
        }
        int bytes = PlanCodec.size(step);
        if (carried[source] + bytes > MOST_CARRIED) {
            return false;
        }
        carried[source] += bytes;
        makes.get(source).add(0, step);
        return true;
    }

    /** What a map gives is how many elements there are. */
    private boolean isMap(int step) {
        return graph.steps().get(step).kind() == StepKind.MAP;
    }

    private void addFills(PlanStep step, Graph.Needs waits) {
        for (int place = 0; place < waits.sources().size(); place++) {
            fills.get(waits.sources().get(place))
                    .add(new Target(step.queue(), step.number(), place, isTimed(step, place)));
        }
    }

    /** A step with a delay has to know when it had all that it needs. */
    private boolean isTimed(PlanStep step, int place) {
        return step.start().delayMillis() > 0 || graph.isTimed(step.number(), place);
    }

    private void checkSize(Plan plan) {
        int bytes = PlanCodec.encode(plan).length;
        if (bytes > Plan.MAX_BYTES) {
            int steps =
                    (int) IntStream.range(0, needs.length).filter(graph::isStep).count();
            throw new IllegalArgumentException(String.format(
                    "the plan of workflow %s has %,d steps and %,d bytes, the limit is %,d bytes; pass references"
                            + " instead of large arguments, or start several workflows",
                    workflow.name(), steps, bytes, Plan.MAX_BYTES));
        }
    }
}
