/**
 * What checkers of code read, as Error Prone.
 *
 * <p>Not exported. Rank 0: imports nothing of ours.
 */
@NullMarked
package io.tidemill.lint;

import org.jspecify.annotations.NullMarked;
