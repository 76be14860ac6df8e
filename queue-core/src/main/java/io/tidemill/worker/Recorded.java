package io.tidemill.worker;

import io.tidemill.broker.CompletionReply;

/**
 * A run whose end is recorded, or was refused.
 *
 * @param reply what the broker answered
 */
record Recorded(Ended ended, CompletionReply reply) {}
