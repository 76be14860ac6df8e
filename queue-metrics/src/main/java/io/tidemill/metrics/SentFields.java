package io.tidemill.metrics;

import io.tidemill.client.SendInterceptor.Sending;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what a propagator sets into the headers of a job. */
final class SentFields {

    private static final Logger log = LoggerFactory.getLogger("io.tidemill.metrics");

    /** The span that a job's runs are children of: W3C Trace Context, 3.2. */
    static final String PARENT = "traceparent";

    /** The span that they are linked with instead, written in the same way. */
    static final String LINK = "tidemill-link";

    private SentFields() {}

    /**
     * Writes one. A field that does not fit into a header is not sent: a trace is no reason not to store a job. With
     * another parent the state of the former one goes: W3C Trace Context, 3.4, lets only its own state follow a parent.
     */
    static void write(Sending sending, String key, String value) {
        try {
            if (key.equals(PARENT)) {
                sending.removeHeader("tracestate");
            }
            sending.header(key, value);
        } catch (IllegalArgumentException e) {
            log.debug("job {}: not sent along: {}", sending.jobId(), e.getMessage());
        }
    }
}
