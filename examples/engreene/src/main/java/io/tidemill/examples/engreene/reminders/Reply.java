package io.tidemill.examples.engreene.reminders;

/**
 * The vendor has answered.
 *
 * @param text what the vendor wrote
 */
public record Reply(String text) {}
