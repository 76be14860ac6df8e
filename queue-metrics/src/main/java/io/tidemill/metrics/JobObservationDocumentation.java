package io.tidemill.metrics;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.docs.ObservationDocumentation;

/** The observations of {@link JobObservations}, with their default names and keys. */
public enum JobObservationDocumentation implements ObservationDocumentation {
    /** A call is written: the producer's span. */
    ENQUEUE(
            "tidemill.enqueue",
            "A call is written, or the job of a schedule. The span of a producer.",
            DefaultEnqueueConvention.class) {
        @Override
        public KeyName[] getLowCardinalityKeyNames() {
            return new KeyName[] {LowKey.SYSTEM, LowKey.OPERATION, LowKey.OPERATION_TYPE, LowKey.QUEUE, LowKey.TASK};
        }

        @Override
        public KeyName[] getHighCardinalityKeyNames() {
            return new KeyName[] {HighKey.DESTINATION, HighKey.JOB};
        }
    },
    /** Many calls are enqueued together: the producer's span of all of them. */
    ENQUEUE_BULK(
            "tidemill.enqueue.bulk",
            "Many calls are enqueued together, until the last is stored. The span of a producer.",
            DefaultBulkConvention.class) {
        @Override
        public KeyName[] getLowCardinalityKeyNames() {
            return new KeyName[] {LowKey.SYSTEM, LowKey.OPERATION, LowKey.OPERATION_TYPE, LowKey.QUEUE, LowKey.TASK};
        }

        @Override
        public KeyName[] getHighCardinalityKeyNames() {
            return new KeyName[] {HighKey.SIZE};
        }
    },
    /** A task runs: the consumer's span. */
    RUN("tidemill.run", "A task runs, once for each attempt. The span of a consumer.", DefaultRunConvention.class) {
        @Override
        public KeyName[] getLowCardinalityKeyNames() {
            return LowKey.values();
        }

        @Override
        public KeyName[] getHighCardinalityKeyNames() {
            return new KeyName[] {HighKey.DESTINATION, HighKey.JOB, HighKey.ATTEMPT};
        }
    };

    private final String observationName;
    private final String meaning;
    private final Class<? extends ObservationConvention<? extends Observation.Context>> convention;

    JobObservationDocumentation(
            String observationName,
            String meaning,
            Class<? extends ObservationConvention<? extends Observation.Context>> convention) {
        this.observationName = observationName;
        this.meaning = meaning;
        this.convention = convention;
    }

    @Override
    public String getName() {
        return observationName;
    }

    @Override
    public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
        return convention;
    }

    /** When there is one: sentences in Markdown. */
    public String meaning() {
        return meaning;
    }

    /** Keys with few values, which may become tags of meters. */
    public enum LowKey implements KeyName {
        /** Always the same. */
        SYSTEM("messaging.system", "`tidemill`"),
        /** Which observation. */
        OPERATION("messaging.operation.name", "`enqueue`, `enqueue_all` or `run`"),
        /** What OpenTelemetry calls it. */
        OPERATION_TYPE("messaging.operation.type", "`create`, `send` or `process`"),
        /** The queue, bounded. */
        QUEUE("tidemill.queue", "the queue, or `other`; `several` in a bulk for more than one"),
        /** The task, bounded. */
        TASK("tidemill.task", "the task, or `other`; `several` likewise"),
        /** How the run ended. */
        OUTCOME(
                "tidemill.outcome",
                "`succeeded`, `failed`, `snoozed` or `cancelled`; `none` as long as the run has not ended");

        private final String key;
        private final String meaning;

        LowKey(String key, String meaning) {
            this.key = key;
            this.meaning = meaning;
        }

        @Override
        public String asString() {
            return key;
        }

        /** What its values are: half a sentence in Markdown. */
        public String meaning() {
            return meaning;
        }
    }

    /** Keys with any number of values, which are only for spans. */
    public enum HighKey implements KeyName {
        /** The queue. */
        DESTINATION("messaging.destination.name", "the queue"),
        /** The job. */
        JOB("messaging.message.id", "the job's id"),
        /** The number of the run. */
        ATTEMPT("tidemill.attempt", "the number of the run, from 1"),
        /** How large a bulk is. */
        SIZE("messaging.batch.message_count", "how many calls the bulk has");

        private final String key;
        private final String meaning;

        HighKey(String key, String meaning) {
            this.key = key;
            this.meaning = meaning;
        }

        @Override
        public String asString() {
            return key;
        }

        /** What its values are: half a sentence in Markdown. */
        public String meaning() {
            return meaning;
        }
    }
}
