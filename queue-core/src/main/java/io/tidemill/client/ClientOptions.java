package io.tidemill.client;

import io.tidemill.lint.CheckReturnValue;
import io.tidemill.text.Durations;
import io.tidemill.text.OptionValues;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * How the sending half behaves.
 *
 * <p>Immutable. Begin with {@link #defaults()}; each {@code with} method gives a copy and checks the ranges.
 */
@CheckReturnValue
public final class ClientOptions {

    private static final ClientOptions DEFAULTS = new ClientOptions(new Values());

    private final Values values;

    private ClientOptions(Values values) {
        this.values = values;
    }

    /** 256 KiB, 10,000 jobs, 10 s, names are checked. */
    public static ClientOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Largest job record, in bytes; 1 to 16 MiB, default 256 KiB. Larger ones slow everything down that shares the
     * broker: store the thing elsewhere and pass its id.
     */
    public int maxPayloadBytes() {
        return values.maxPayloadBytes;
    }

    /** Most jobs that wait to be sent, per queue; 1 to 1,000,000, default 10,000. More make {@code enqueue} wait. */
    public int maxUnanswered() {
        return values.maxUnanswered;
    }

    /** How long {@code enqueue} waits for room among them; 0 to 10 years, default 10 s. */
    public Duration bufferTimeout() {
        return values.bufferTimeout;
    }

    /**
     * Whether calls by name must name a task that is registered here; default true. A queue without tasks never checks.
     */
    public boolean checkTaskNames() {
        return values.checkTaskNames;
    }

    /** The same with another {@link #maxPayloadBytes}. */
    public ClientOptions withMaxPayloadBytes(int value) {
        return with(to -> to.maxPayloadBytes = value);
    }

    /** The same with another {@link #maxUnanswered}. */
    public ClientOptions withMaxUnanswered(int value) {
        return with(to -> to.maxUnanswered = value);
    }

    /** The same with another {@link #bufferTimeout}. */
    public ClientOptions withBufferTimeout(Duration value) {
        return with(to -> to.bufferTimeout = value);
    }

    /** The same with another {@link #checkTaskNames}. */
    public ClientOptions withCheckTaskNames(boolean value) {
        return with(to -> to.checkTaskNames = value);
    }

    private ClientOptions with(Consumer<Values> change) {
        return new ClientOptions(values.with(change));
    }

    /** Every option with its default. A new one needs a field, a getter and a {@code with} method. */
    private static final class Values extends OptionValues<Values> {

        private int maxPayloadBytes = 256 * 1024;
        private int maxUnanswered = 10_000;
        private Duration bufferTimeout = Duration.ofSeconds(10);
        private boolean checkTaskNames = true;

        @Override
        protected void check() {
            if (maxPayloadBytes < 1 || maxPayloadBytes > 16 * 1024 * 1024) {
                throw new IllegalArgumentException("maxPayloadBytes must be 1 to 16 MiB, got " + maxPayloadBytes);
            }
            if (maxUnanswered < 1 || maxUnanswered > 1_000_000) {
                throw new IllegalArgumentException("maxUnanswered must be 1 to 1,000,000, got " + maxUnanswered);
            }
            Durations.check("bufferTimeout", bufferTimeout);
        }
    }
}
