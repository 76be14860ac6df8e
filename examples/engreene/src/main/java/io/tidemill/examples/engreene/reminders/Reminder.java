package io.tidemill.examples.engreene.reminders;

/**
 * A vendor is to be reminded: the data of {@code response_reminder}.
 *
 * @param conversation which one has no answer yet
 * @param hours for how long
 */
public record Reminder(Conversation conversation, int hours) {}
