/** Single steps, by JMH. {@code JmhMain} runs them. */
@NullMarked
package io.tidemill.benchmarks.jmh;

import org.jspecify.annotations.NullMarked;
