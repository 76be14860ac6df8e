package io.tidemill.send;

import io.tidemill.broker.Broker;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.client.Call;
import io.tidemill.client.ClientOptions;
import io.tidemill.client.JobRequest;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.SendInterceptor;
import io.tidemill.client.TaskRef;
import io.tidemill.client.UnknownTaskException;
import io.tidemill.definition.TaskOverrides;
import io.tidemill.message.PayloadSeal;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.record.Payloads;
import io.tidemill.record.Redaction;
import io.tidemill.record.SealFailedException;
import io.tidemill.task.JobOptions;
import io.tidemill.task.PayloadException;
import io.tidemill.task.Priority;
import io.tidemill.task.TaskDefinition;
import io.tidemill.task.Unique;
import io.tidemill.text.Durations;
import io.tidemill.text.JobIds;
import io.tidemill.text.Names;
import io.tidemill.time.Clock;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns a {@link JobRequest} into what is stored, or says what is wrong with it before anything is sent. Thread-safe.
 */
final class JobWriter {

    private final Broker broker;
    private final Map<String, TaskDefinition> registered;
    private final Map<String, TaskOverrides> overrides;
    private final List<SendInterceptor> interceptors;
    private final Consumer<SendInterceptor.Sending> single;
    private final Payloads payloads;
    private final ClientOptions options;
    private final Clock clock;
    private final JobIds ids;
    private final JobCopier copier;

    JobWriter(
            Broker broker,
            Map<String, TaskDefinition> registered,
            Map<String, TaskOverrides> overrides,
            List<SendInterceptor> interceptors,
            Payloads payloads,
            ClientOptions options,
            Clock clock) {
        this.broker = broker;
        this.registered = Map.copyOf(registered);
        this.overrides = Map.copyOf(overrides);
        this.interceptors = List.copyOf(interceptors);
        this.single = sending -> this.interceptors.forEach(interceptor -> interceptor.before(sending));
        this.payloads = payloads;
        this.options = options;
        this.clock = clock;
        this.ids = new JobIds(clock::millis);
        this.copier = new JobCopier(this.registered, this.interceptors, payloads, clock);
    }

    /** Where calls of this task go from here. */
    String queueOf(TaskRef<?> task) {
        return overridden(task.definition()).queue();
    }

    /** What is stored for this request, now. */
    PreparedJob write(JobRequest<?> request) {
        return write(request, single);
    }

    /** The same for a request of a bulk. */
    PreparedJob write(JobRequest<?> request, Consumer<SendInterceptor.Sending> seenBy) {
        return required(
                request instanceof PreparedJob prepared
                        ? countedFromNow(prepared)
                        : written((Call<?>) request, seenBy));
    }

    /** Lets the interceptors see a bulk. */
    BulkInterceptors beginBulk() {
        return BulkInterceptors.begin(interceptors);
    }

    /** What may be stored for this call at any time; the same id lets it be stored once. */
    PreparedJob prepare(Call<?> call) {
        PreparedJob written = required(written(call, single));
        NewJob job = written.job();
        return with(
                written,
                new NewJob(
                        job.id(), job.body(), job.priority(), job.delayMillis(), job.dueMillis(), job.constraints()));
    }

    /** What may be stored for a job like this one, with another id. */
    PreparedJob copy(PreparedJob pattern, String id, @Nullable Object[] arguments) {
        checkUpdate(pattern.job().constraints().unique());
        PreparedJob like = required(copier.copy(pattern, id, arguments));
        // Whoever prepared the pattern has checked its arguments, perhaps in a process with a larger limit.
        return arguments.length == 0 ? like : sized(like);
    }

    /** What a job of this queue and id runs from now on. */
    PreparedJob rewrite(String queue, String id, Call<?> call) {
        JobOptions asked = call.options();
        if (asked.id() != null
                || asked.queue() != null
                || asked.priority() != null
                || asked.group() != null
                || asked.unique() != null
                || asked.start().expiresIn() != null
                || asked.run().inheritsDeadline()) {
            throw new IllegalArgumentException(
                    "job " + id + " keeps its id, queue, priority, group, unique key and expiry"
                            + " when it is rescheduled; leave them out of the call");
        }
        return written(call.id(id).queue(queue), single);
    }

    /** What the broker cannot do is refused before a transaction relies on it. */
    private PreparedJob required(PreparedJob written) {
        broker.check(written.queue(), written.job());
        return written;
    }

    private PreparedJob sized(PreparedJob prepared) {
        int size = prepared.job().body().length;
        if (size > options.maxPayloadBytes()) {
            throw tooLarge(prepared.task(), size, ".");
        }
        return prepared;
    }

    private PreparedJob countedFromNow(PreparedJob prepared) {
        boolean isOfSchedule = prepared.job().constraints().step() != null;
        NewJob job = (isOfSchedule ? prepared : sized(prepared)).job();
        long passed = Math.max(0, clock.millis() - prepared.preparedAtMillis());
        JobConstraints constraints = job.constraints();
        long expires = constraints.expiresInMillis();
        boolean isLate = expires != 0 && expires <= passed;
        return with(
                prepared,
                new NewJob(
                        job.id(),
                        job.body(),
                        job.priority(),
                        // A job that is late is due when it expires, so that it never starts.
                        isLate ? 1 : Math.max(0, job.delayMillis() - passed),
                        job.dueMillis(),
                        expires == 0 ? constraints : expiring(constraints, expires - passed)));
    }

    /** One that is late changes no other job that has its unique key. */
    private static JobConstraints expiring(JobConstraints constraints, long left) {
        Unique unique = constraints.unique();
        JobConstraints harmless = left > 0 || unique == null
                ? constraints
                : constraints.withUnique(unique.onConflict(Unique.Conflict.RETURN_EXISTING));
        // 0 would mean that it never expires.
        return harmless.withExpiresInMillis(Math.max(1, left));
    }

    private PreparedJob with(PreparedJob prepared, NewJob job) {
        Type known = prepared.resultType();
        TaskDefinition definition = known == null ? registered.get(prepared.task()) : null;
        return new PreparedJob(
                prepared.queue(),
                prepared.task(),
                job,
                prepared.preparedAtMillis(),
                definition == null ? known : definition.resultType());
    }

    private PreparedJob written(Call<?> call, Consumer<SendInterceptor.Sending> seenBy) {
        TaskDefinition declared = declared(call);
        JobOptions choices = call.options();
        TaskOverrides here = overrides(call.task());
        String queue = firstNonNull(
                choices.queue(), declared != null ? declared.queue() : firstNonNull(here.queue(), Names.DEFAULT_QUEUE));
        String id = choices.id() == null ? ids.next() : choices.id();
        checkUpdate(choices.unique());
        long now = clock.millis();
        Duration left = Deadlines.left(choices, now);
        Map<String, String> headers = headers(call, declared, queue, id, seenBy);
        byte[] payload = payload(declared, call, queue, id);
        JobOptions.Start start = choices.start();
        checkTime(start, now);
        JobOptions.Run run = choices.run();
        byte[] body = JobCodec.encode(new Job(
                call.task(),
                payload,
                now,
                run.timeout(),
                run.maxAttempts(),
                run.retry(),
                dueMillis(start, now),
                headers,
                more(declared, here, left == null ? 0 : now + left.toMillis())));
        checkSize(declared, call, body);
        NewJob job = new NewJob(
                id,
                body,
                firstNonNull(
                        choices.priority(),
                        declared != null ? declared.priority() : firstNonNull(here.priority(), Priority.DEFAULT)),
                start.delay() == null ? 0 : start.delay().toMillis(),
                start.at() == null || start.at().isBefore(Instant.EPOCH)
                        ? NewJob.NOW
                        : start.at().toEpochMilli(),
                constraints(call, declared, left),
                choices.id() == null);
        return new PreparedJob(queue, call.task(), job, now, declared == null ? null : declared.resultType());
    }

    /** What few jobs say: the version of their task, what is not to be shown, and their deadline; 0 for none. */
    Job.More more(@Nullable TaskDefinition declared, TaskOverrides here, long deadlineMillis) {
        int version = declared != null ? declared.version() : firstNonNull(here.version(), 1);
        return version == 1 && deadlineMillis == 0 && (declared == null || !declared.hasSecrets())
                ? Job.More.NONE
                : new Job.More(version, Redaction.paths(declared, payloads.codec()), deadlineMillis);
    }

    /** When the job is due, by the clock of this process; 0 for at once. */
    private static long dueMillis(JobOptions.Start start, long now) {
        if (start.at() != null) {
            return start.at().isBefore(Instant.EPOCH) ? 0 : start.at().toEpochMilli();
        }
        return start.delay() == null || start.delay().isZero()
                ? 0
                : now + start.delay().toMillis();
    }

    /** The headers of this call, with those of the interceptors. */
    Map<String, String> headers(Call<?> call, @Nullable TaskDefinition declared, String queue, String id) {
        return headers(call, declared, queue, id, single);
    }

    private Map<String, String> headers(
            Call<?> call,
            @Nullable TaskDefinition declared,
            String queue,
            String id,
            Consumer<SendInterceptor.Sending> seenBy) {
        if (interceptors.isEmpty()) {
            return call.options().headers();
        }
        SendingCall sending = new SendingCall(call.task(), call.arguments(), declared, queue, id, call.options());
        seenBy.accept(sending);
        return sending.headers();
    }

    /** What is declared of the task of this call, with the settings of this process; null if it is not known here. */
    @Nullable
    TaskDefinition declared(Call<?> call) {
        TaskDefinition declared = call.definition().map(this::overridden).orElseGet(() -> registered.get(call.task()));
        if (declared == null && options.checkTaskNames() && !registered.isEmpty()) {
            throw new UnknownTaskException(call.task(), registered.keySet());
        }
        return declared;
    }

    /** What is said in this process of a task that is not known here. */
    TaskOverrides overrides(String task) {
        return overrides.getOrDefault(task, TaskOverrides.NONE);
    }

    private TaskDefinition overridden(TaskDefinition declared) {
        TaskOverrides here = overrides.get(declared.name());
        return here == null ? declared : here.applyTo(declared);
    }

    private static void checkTime(JobOptions.Start start, long now) {
        if (start.at() != null && start.at().isAfter(Instant.ofEpochMilli(now).plus(Durations.MAX))) {
            throw new IllegalArgumentException("at must be within 10 years from now, got " + start.at());
        }
    }

    /** Sealed arguments can be opened under the id that they were sealed for, and an update gives them another. */
    private void checkUpdate(@Nullable Unique unique) {
        if (unique != null && unique.conflict() == Unique.Conflict.UPDATE && payloads.seal() != null) {
            throw new IllegalArgumentException("unique key " + unique.key()
                    + " asks for UPDATE, which needs arguments that are not sealed: a seal binds them to the id of"
                    + " their job, and an update moves them to another; use REPLACE");
        }
    }

    private static JobConstraints constraints(
            Call<?> call, @Nullable TaskDefinition definition, @Nullable Duration left) {
        JobOptions choices = call.options();
        String group = choices.group();
        if (group == null && definition != null && definition.group() != null) {
            group = definition.group().resolve(call.arguments().toArray());
        }
        long expires = Deadlines.expiresInMillis(choices.start().expiresIn(), left);
        return choices.unique() == null && expires == 0 && group == null
                ? JobConstraints.NONE
                : new JobConstraints(choices.unique(), group, expires);
    }

    private byte[] payload(@Nullable TaskDefinition definition, Call<?> call, String queue, String id) {
        try {
            return payloads.seal(PayloadSeal.Kind.ARGUMENTS, encode(definition, call), queue, call.task(), id);
        } catch (PayloadException e) {
            throw new PayloadException(
                    "task \"" + call.task() + "\" was not enqueued: " + e.getMessage()
                            + (definition == null ? "" : "; it is declared as " + definition.signature()),
                    e);
        } catch (SealFailedException e) {
            throw new PayloadException("task \"" + call.task() + "\" was not enqueued: " + e.getMessage(), e);
        }
    }

    /** The arguments of this call as the codec writes them. */
    byte[] encode(@Nullable TaskDefinition definition, Call<?> call) {
        @Nullable Object[] arguments = call.arguments().toArray();
        List<Type> types = definition == null ? null : definition.parameterTypes();
        try {
            return types == null || call.definition().isEmpty()
                    ? payloads.codec().encodeUnchecked(arguments, types)
                    : payloads.codec().encodeArguments(arguments, types);
        } catch (PayloadException e) {
            throw Redaction.reason(definition, e);
        }
    }

    private void checkSize(@Nullable TaskDefinition definition, Call<?> call, byte[] body) {
        if (body.length <= options.maxPayloadBytes()) {
            return;
        }
        int largest = 0;
        int largestSize = -1;
        for (int i = 0; i < call.arguments().size(); i++) {
            List<Type> type = definition == null
                    ? null
                    : List.of(definition.parameterTypes().get(i));
            int size = payloads.codec()
                    .encodeUnchecked(new @Nullable Object[] {call.arguments().get(i)}, type)
                    .length;
            if (size > largestSize) {
                largest = i;
                largestSize = size;
            }
        }
        throw tooLarge(
                call.task(),
                body.length,
                String.format("; the largest part is argument %d with %,d bytes.", largest, largestSize));
    }

    Payloads payloads() {
        return payloads;
    }

    ClientOptions options() {
        return options;
    }

    PayloadException tooLarge(String task, int bytes, String largest) {
        return new PayloadException(
                String.format(
                        "task \"%s\" was not enqueued: its record is %,d bytes, the limit is %,d (maxPayloadBytes)%s"
                                + " Store it elsewhere and pass a reference, or raise the limit.",
                        task, bytes, options.maxPayloadBytes(), largest),
                null);
    }

    static <V> V firstNonNull(@Nullable V choice, V otherwise) {
        return choice == null ? otherwise : choice;
    }
}
