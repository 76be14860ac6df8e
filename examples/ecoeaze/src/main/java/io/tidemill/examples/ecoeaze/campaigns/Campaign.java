package io.tidemill.examples.ecoeaze.campaigns;

import java.util.Map;

/**
 * A mail to many customers.
 *
 * @param id names the campaign; part of the ids of its mails
 * @param subject the mail's subject
 * @param text the mail's text
 * @param audience who gets it: addresses by user
 */
public record Campaign(String id, String subject, String text, Map<String, String> audience) {}
