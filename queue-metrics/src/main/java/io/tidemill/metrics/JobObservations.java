package io.tidemill.metrics;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.ObservationRegistry;
import io.tidemill.Extension;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.async.Answers;
import io.tidemill.client.SendInterceptor;
import io.tidemill.lint.CheckReturnValue;
import io.tidemill.task.RunInterceptor;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Observes calls and runs with Micrometer. With a tracer behind the registry one trace leads from the code that
 * enqueues, over the job's headers, to each of its runs, and on to the jobs that these enqueue.
 *
 * <pre>{@code
 * TaskQueue.builder().install(JobObservations.of(observationRegistry))
 * }</pre>
 *
 * <p>Install it where jobs are enqueued and where they run. An interceptor that was added before it is outside of the
 * observation of the run, one that was added after it is inside.
 *
 * <p>Each call has a producer's span, which lasts while the call is written; that the broker refused it is seen by
 * whoever enqueues. A bulk has one producer's span for all of its calls, which lasts until the last was stored. Each
 * run has a consumer's span with its attempt number; a retry is one more run. What a run threw is the span's error,
 * unless it asked for a pause or for an end. The span of an async task ends with its stage.
 *
 * <p>The job of a schedule has a producer's span of its own in the process that fires it: each firing is a trace of its
 * own, and none belongs to the trace in which the schedule was put. {@link EnqueueContext#link} names that trace, for a
 * link between the spans.
 *
 * <p>One object belongs to one queue. Each method {@code with...} gives another object.
 *
 * <p>Thread-safe.
 */
@CheckReturnValue
public final class JobObservations implements Extension {

    private static final Logger log = LoggerFactory.getLogger("io.tidemill.metrics");

    private static final DefaultEnqueueConvention ENQUEUE = new DefaultEnqueueConvention();
    private static final DefaultBulkConvention BULK = new DefaultBulkConvention();
    private static final DefaultRunConvention RUN = new DefaultRunConvention();

    private final ObservationRegistry registry;
    private final @Nullable ObservationConvention<EnqueueContext> enqueueConvention;
    private final @Nullable ObservationConvention<BulkContext> bulkConvention;
    private final @Nullable ObservationConvention<RunContext> runConvention;
    private final boolean linksBulks;
    private final KnownNames names = new KnownNames();

    private JobObservations(
            ObservationRegistry registry,
            @Nullable ObservationConvention<EnqueueContext> enqueueConvention,
            @Nullable ObservationConvention<BulkContext> bulkConvention,
            @Nullable ObservationConvention<RunContext> runConvention,
            boolean linksBulks) {
        this.registry = registry;
        this.enqueueConvention = enqueueConvention;
        this.bulkConvention = bulkConvention;
        this.runConvention = runConvention;
        this.linksBulks = linksBulks;
    }

    /** Observes with this registry. */
    public static JobObservations of(ObservationRegistry registry) {
        return new JobObservations(registry, null, null, null, false);
    }

    /** The same with another convention for calls. Default: {@link DefaultEnqueueConvention}. */
    public JobObservations withEnqueueConvention(ObservationConvention<EnqueueContext> convention) {
        return new JobObservations(registry, convention, bulkConvention, runConvention, linksBulks);
    }

    /** The same with another convention for bulks. Default: {@link DefaultBulkConvention}. */
    public JobObservations withBulkConvention(ObservationConvention<BulkContext> convention) {
        return new JobObservations(registry, enqueueConvention, convention, runConvention, linksBulks);
    }

    /** The same with another convention for runs. Default: {@link DefaultRunConvention}. */
    public JobObservations withRunConvention(ObservationConvention<RunContext> convention) {
        return new JobObservations(registry, enqueueConvention, bulkConvention, convention, linksBulks);
    }

    /**
     * The same, with a trace of its own for each run of a job of a bulk, instead of one trace for all of them:
     * {@link RunContext#link} names the span of the bulk, for a link between the two. For bulks of so many calls that
     * one trace of all their runs cannot be shown.
     */
    public JobObservations withLinkedBulks() {
        return new JobObservations(registry, enqueueConvention, bulkConvention, runConvention, true);
    }

    @Override
    public void configure(TaskQueueBuilder builder) {
        builder.interceptSends(names).interceptSends(new Sends()).interceptRuns(this::run);
    }

    @Override
    public void start(Parts parts) {
        names.addQueues(parts.queues());
        parts.definitions().values().forEach(names::add);
    }

    /** A propagator writes its headers when the observation starts; the job is stored together with others. */
    private void enqueue(SendInterceptor.Sending sending, @Nullable String link) {
        guarded(() -> JobObservationDocumentation.ENQUEUE
                .start(enqueueConvention, ENQUEUE, () -> new EnqueueContext(sending, names, link), registry)
                .stop());
    }

    private final class Sends implements SendInterceptor {

        @Override
        public void before(Sending sending) {
            enqueue(sending, null);
        }

        /** It still has the headers of the job that it is like. */
        @Override
        public void beforeCopy(Sending sending) {
            enqueue(sending, sending.headers().get(SentFields.PARENT));
        }

        @Override
        public Bulk bulk() {
            return new ObservedBulk();
        }
    }

    /** Begins with the first call that is written: a bulk of prepared jobs writes none, and they have their spans. */
    private final class ObservedBulk implements SendInterceptor.Bulk {

        private final BulkContext context = new BulkContext(names, linksBulks);
        private @Nullable Observation observation;

        @Override
        public void before(SendInterceptor.Sending sending) {
            context.add(sending);
            if (observation == null) {
                observation = started();
            }
            context.writeHeaders(sending);
        }

        private Observation started() {
            try {
                return JobObservationDocumentation.ENQUEUE_BULK.start(bulkConvention, BULK, () -> context, registry);
            } catch (Throwable e) {
                failed(e);
                return Observation.NOOP;
            }
        }

        @Override
        public void ended(@Nullable Throwable failure) {
            Observation begun = observation;
            if (begun == null) {
                return;
            }
            if (failure != null) {
                guarded(() -> begun.error(failure));
            }
            guarded(begun::stop);
        }
    }

    private @Nullable Object run(RunInterceptor.Invocation invocation) throws Throwable {
        RunContext context = new RunContext(invocation);
        Observation observation = started(context);
        try {
            Object result = inScope(observation, invocation);
            if (result instanceof CompletionStage<?> stage
                    && invocation.definition().isAsync()) {
                return stage.whenComplete((value, thrown) -> ended(observation, context, thrown));
            }
            ended(observation, context, null);
            return result;
        } catch (Throwable thrown) {
            ended(observation, context, thrown);
            throw thrown;
        }
    }

    private static void ended(Observation observation, RunContext context, @Nullable Throwable thrown) {
        guarded(() -> {
            if (thrown == null) {
                context.succeeded();
            } else {
                Throwable wrong = context.threw(Answers.unwrapped(thrown));
                if (wrong != null) {
                    guarded(() -> observation.error(wrong));
                }
            }
        });
        guarded(observation::stop);
    }

    private Observation started(RunContext context) {
        try {
            return JobObservationDocumentation.RUN.start(runConvention, RUN, () -> context, registry);
        } catch (Throwable e) {
            failed(e);
            return Observation.NOOP;
        }
    }

    private static @Nullable Object inScope(Observation observation, RunInterceptor.Invocation invocation)
            throws Throwable {
        Observation.Scope scope = opened(observation);
        try {
            return invocation.proceed();
        } finally {
            guarded(scope::close);
        }
    }

    private static Observation.Scope opened(Observation observation) {
        try {
            return observation.openScope();
        } catch (Throwable e) {
            failed(e);
            return Observation.Scope.NOOP;
        }
    }

    /**
     * A handler or convention that throws, whatever it throws, is no reason not to store a job, or to run it once more.
     */
    private static void guarded(Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            failed(e);
        }
    }

    private static void failed(Throwable thrown) {
        log.warn("an observation failed; the job goes on", thrown);
    }
}
