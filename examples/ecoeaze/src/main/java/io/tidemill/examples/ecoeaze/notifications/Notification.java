package io.tidemill.examples.ecoeaze.notifications;

/**
 * One notification, as subscribers receive it and the history keeps it (as JSON).
 *
 * @param id the same for the same notification, however often it was delivered
 * @param title the first line
 * @param body the text
 * @param sentAt when, in ISO 8601
 */
public record Notification(String id, String title, String body, String sentAt) {}
