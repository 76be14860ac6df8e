package io.tidemill.examples.engreene.sessions;

import java.util.Map;

/**
 * A session.
 *
 * @param userId whose it is
 * @param role what the user is
 * @param email the user's address
 * @param device what the user has logged in with
 * @param createdAt when it began, in ms since 1970
 * @param expiresAt when it ends, in ms since 1970
 * @param metadata whatever else is to be kept
 */
public record SessionData(
        String userId,
        Role role,
        String email,
        String device,
        long createdAt,
        long expiresAt,
        Map<String, String> metadata) {}
