package io.tidemill.examples.engreene.market;

/**
 * Who asks and books.
 *
 * @param id as in sessions
 * @param name as shown
 * @param email where the client gets mail
 */
public record Client(String id, String name, String email) {}
