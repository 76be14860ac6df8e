package io.tidemill.examples.engreene.cache;

import java.util.Map;

/**
 * An entry as it is stored.
 *
 * @param expiresAt when it ends, in ms since 1970
 * @param stamps the stamp that each of its tags had before its value was made
 * @param value its value as JSON: a text, so that a decimal number stays as it was written
 */
record Entry(long expiresAt, Map<String, String> stamps, String value) {}
