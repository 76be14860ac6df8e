package io.tidemill.examples.engreene.reminders;

import java.util.List;

/**
 * What became of the wait for an answer.
 *
 * @param conversationId of which conversation
 * @param isAnswered whether the vendor has answered
 * @param alternatives ids of the vendors that were recommended to the client since no answer came, best first
 */
public record ConversationEnd(String conversationId, boolean isAnswered, List<String> alternatives) {}
