/**
 * Engreene, a marketplace for event services whose sessions, cache and background jobs are in Redis; the jobs run on
 * Tidemill. Start reading at {@link io.tidemill.examples.engreene.EngreeneService}.
 */
@NullMarked
package io.tidemill.examples.engreene;

import org.jspecify.annotations.NullMarked;
