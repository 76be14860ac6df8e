/**
 * Texts that mean something: names and how they are checked, durations and how they are read, numbers and how they are
 * written in messages and logs.
 *
 * <p>Not exported. Rank 0: imports nothing of ours.
 */
@NullMarked
package io.tidemill.text;

import org.jspecify.annotations.NullMarked;
