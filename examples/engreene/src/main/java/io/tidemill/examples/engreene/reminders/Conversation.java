package io.tidemill.examples.engreene.reminders;

/**
 * A client has written to a vendor.
 *
 * @param id the same for the same conversation
 * @param vendorId who is to answer
 * @param clientId who has written
 */
public record Conversation(String id, String vendorId, String clientId) {}
