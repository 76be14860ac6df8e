/** Commission, and what vendors have earned. */
@NullMarked
package io.tidemill.examples.engreene.wallet;

import org.jspecify.annotations.NullMarked;
