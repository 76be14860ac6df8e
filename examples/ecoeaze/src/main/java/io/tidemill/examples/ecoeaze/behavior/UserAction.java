package io.tidemill.examples.ecoeaze.behavior;

import java.time.Instant;
import java.util.Map;

/**
 * Something that a user did.
 *
 * @param id names it, so that it is counted once
 * @param user who
 * @param action what, such as {@code product_view}
 * @param details more about it, such as {@code productId}
 * @param at when
 */
public record UserAction(String id, String user, String action, Map<String, String> details, Instant at) {}
