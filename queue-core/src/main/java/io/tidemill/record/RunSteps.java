package io.tidemill.record;

import io.tidemill.json.SealedTypes;
import io.tidemill.message.Failure;
import io.tidemill.message.MissingKeyException;
import io.tidemill.message.PayloadSeal.Kind;
import io.tidemill.record.StepEntries.Entry;
import io.tidemill.task.PayloadException;
import io.tidemill.task.TaskContext.StepAction;
import io.tidemill.task.TaskContext.StepBody;
import io.tidemill.task.TaskSignal;
import io.tidemill.text.Names;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The durable steps, sleeps and checkpoints of one run, in front of what earlier runs of its job have recorded. Steps
 * are recognised by their order and their names.
 *
 * <p>What follows the record is written before a method returns. If that fails, the run may record nothing more: nobody
 * knows whether the broker has the last entry.
 *
 * <p>Thread-safe; one call at a time, a second one is refused.
 */
public final class RunSteps {

    /** Most steps and sleeps of a job. */
    public static final int MAX_STEPS = 1000;

    /** Where the notes of the job are kept. */
    public interface Journal {

        /** Most bytes of all notes together. */
        int maxBytes();

        /** Throws if the run has no right to its job any more. */
        void check();

        /**
         * Writes notes: some of the beginning stays, the rest is new. Throws if they are not written.
         *
         * @return false if the broker does not have what is to stay: to be written as a whole
         */
        boolean write(long number, int stays, byte[] bytes);
    }

    /** Whose steps they are. */
    public record Owner(String queue, String task, String jobId) {}

    private final Payloads payloads;
    private final Owner owner;
    private final Journal journal;
    private final AtomicReference<@Nullable String> running = new AtomicReference<>();

    // Guarded by running: whoever has set it.
    private StepEntries entries;
    private long number;
    private int next;
    private boolean isBroken;

    /**
     * The steps of a run.
     *
     * @param number of the last note of the job
     * @param notes what was noted; empty if nothing was
     * @throws NotForHereException if a newer version wrote it
     * @throws TaskSignal.GiveUp if it cannot be read
     */
    public RunSteps(Payloads payloads, Owner owner, long number, byte[] notes, Journal journal) {
        this.payloads = payloads;
        this.owner = owner;
        this.number = number;
        this.entries = entries(owner, notes);
        this.journal = journal;
    }

    private static StepEntries entries(Owner owner, byte[] notes) {
        try {
            return StepEntries.read(notes);
        } catch (NewerLayoutException e) {
            throw new NotForHereException("NewerLayout", String.valueOf(e.getMessage()), e);
        } catch (PayloadException e) {
            throw unreadable("what job " + owner.jobId() + " has recorded", e);
        }
    }

    /**
     * Runs a step, or gives what it gave before.
     *
     * @param type of its result; null if it has none
     */
    public <R extends @Nullable Object, X extends Exception> R step(
            String name, @Nullable Type type, StepBody<R, X> body) throws X {
        enter("step", name);
        try {
            Entry known = known(Entry.STEP, name);
            if (known != null) {
                R value = read(known, type);
                next++;
                return value;
            }
            checkRoom(name);
            checkType(name, type);
            R value = body.run();
            append(new Entry(Entry.STEP, name, written(name, value, type)));
            return value;
        } finally {
            running.set(null);
        }
    }

    /** Runs a step without a result, unless it was run before. */
    public <X extends Exception> void step(String name, StepAction<X> body) throws X {
        step(name, null, () -> {
            body.run();
            return name;
        });
    }

    /**
     * Records until when the job sleeps, or gives what was recorded before.
     *
     * @param untilMillis until when, if it sleeps for the first time
     */
    public long sleep(String name, long untilMillis) {
        enter("sleep", name);
        try {
            Entry known = known(Entry.SLEEP, name);
            if (known == null) {
                checkRoom(name);
                append(Entry.sleep(name, untilMillis));
                return untilMillis;
            }
            next++;
            return known.untilMillis();
        } finally {
            running.set(null);
        }
    }

    /** Records how far the run has got. */
    public void checkpoint(Object cursor) {
        enter("checkpoint", "checkpoint");
        try {
            byte[] stored = sealed(Kind.CHECKPOINT, cursor, SealedTypes.asRead(cursor.getClass()));
            write(entries.withCheckpoint(stored), "the checkpoint", stored.length);
        } catch (PayloadException e) {
            throw hopeless("the checkpoint of job " + owner.jobId() + " cannot be recorded: " + e.getMessage(), e);
        } finally {
            running.set(null);
        }
    }

    /** How far the job had got, as it was recorded last. */
    public <C> Optional<C> lastCheckpoint(Class<C> type) {
        enter("checkpoint", "checkpoint");
        try {
            byte[] stored = entries.checkpoint();
            if (stored == null) {
                return Optional.empty();
            }
            return Optional.ofNullable(
                    StepEntries.cast(payloads.codec().decodeResult(opened(Kind.CHECKPOINT, stored), type)));
        } catch (PayloadException e) {
            throw unreadable("the checkpoint of job " + owner.jobId(), e);
        } finally {
            running.set(null);
        }
    }

    /** The name of what its code is in the middle of; null if it is in none. */
    public @Nullable String running() {
        return running.get();
    }

    private void enter(String what, String name) {
        Names.check(what + " name", name);
        String other = running.compareAndExchange(null, name);
        if (other != null) {
            throw new IllegalStateException(what + " \"" + name + "\" of job " + owner.jobId() + " was begun while \""
                    + other + "\" runs; a job does one after the other");
        }
        if (isBroken) {
            running.set(null);
            throw new IllegalStateException(what + " \"" + name + "\" of job " + owner.jobId()
                    + " is not begun, as the one before it could not be recorded; let the exception of that one pass");
        }
    }

    /** What was recorded at this place; null if nothing was. */
    private @Nullable Entry known(char kind, String name) {
        Entry known = entries.at(next);
        if (known != null && (known.kind() != kind || !known.name().equals(name))) {
            throw new IllegalStateException(Entry.word(kind) + " \"" + name + "\" of job " + owner.jobId()
                    + " was reached where an earlier run"
                    + " recorded " + Entry.word(known.kind()) + " \"" + known.name() + "\" (number " + (next + 1)
                    + "); a job has to reach them in the same order in every run");
        }
        return known;
    }

    private void checkRoom(String name) {
        journal.check();
        if (next >= MAX_STEPS) {
            throw hopeless(
                    "step \"" + name + "\" is number " + (next + 1) + ", the limit is " + MAX_STEPS
                            + " steps per job; record a loop by checkpoint(...), or split the job",
                    null);
        }
    }

    private void checkType(String name, @Nullable Type type) {
        if (type == null) {
            return;
        }
        String problem = payloads.codec().problem(type);
        if (problem != null) {
            throw hopeless(
                    "step \"" + name + "\" cannot have a result of " + type.getTypeName() + ": " + problem, null);
        }
    }

    private byte[] written(String name, @Nullable Object value, @Nullable Type type) {
        if (type == null) {
            return new byte[0];
        }
        try {
            return sealed(Kind.STEP, value, type);
        } catch (PayloadException | SealFailedException e) {
            throw hopeless("step \"" + name + "\" ran to its end, but " + e.getMessage(), e);
        }
    }

    @SuppressWarnings("TypeParameterUnusedInFormals") // The type says the same.
    private <R extends @Nullable Object> R read(Entry known, @Nullable Type type) {
        try {
            return StepEntries.cast(
                    type == null ? null : payloads.codec().decodeResult(opened(Kind.STEP, known.bytes()), type));
        } catch (PayloadException e) {
            throw unreadable("the result of step \"" + known.name() + "\" of job " + owner.jobId(), e);
        }
    }

    private byte[] sealed(Kind kind, @Nullable Object value, Type type) {
        byte[] clear = payloads.codec().encodeResult(value, type);
        return payloads.seal(kind, clear, owner.queue(), owner.task(), owner.jobId());
    }

    private byte[] opened(Kind kind, byte[] stored) {
        try {
            return payloads.open(kind, stored, owner.queue(), owner.task(), owner.jobId());
        } catch (MissingKeyException e) {
            throw new NotForHereException("MissingKey", Failure.of(e).line(), e);
        }
    }

    private void append(Entry entry) {
        write(entries.with(entry), Entry.word(entry.kind()) + " \"" + entry.name() + "\"", entry.bytes().length);
        next++;
    }

    private void write(StepEntries changed, String what, int bytes) {
        byte[] whole = changed.bytes();
        if (whole.length > journal.maxBytes()) {
            throw hopeless(
                    String.format(
                            "%s is %,d bytes, and all that job %s has recorded would be %,d, the limit is %,d; store it"
                                    + " elsewhere and record a reference",
                            what, bytes, owner.jobId(), whole.length, journal.maxBytes()),
                    null);
        }
        int stays = entries.staysIn(changed);
        isBroken = true;
        if (!journal.write(number + 1, stays, Arrays.copyOfRange(whole, stays, whole.length))) {
            journal.write(number + 1, 0, whole);
        }
        isBroken = false;
        number++;
        entries = changed;
    }

    /** Another run would do the work again, and could not record it either. */
    private static TaskSignal.GiveUp hopeless(String message, @Nullable Exception cause) {
        return new TaskSignal.GiveUp(new PayloadException(message, cause));
    }

    private static TaskSignal.GiveUp unreadable(String what, PayloadException cause) {
        return new TaskSignal.GiveUp(new PayloadException(what + " cannot be read: " + cause.getMessage(), cause));
    }
}
