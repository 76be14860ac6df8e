/**
 * Assertions about a {@link io.tidemill.test.TestQueue}, for tests with AssertJ. Begin with
 * {@link io.tidemill.test.assertj.TestQueueAssert#assertThat}.
 */
@NullMarked
package io.tidemill.test.assertj;

import org.jspecify.annotations.NullMarked;
