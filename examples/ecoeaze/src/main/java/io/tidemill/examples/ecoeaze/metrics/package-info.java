/** What the worker measures: for Prometheus over HTTP, and as a table. */
@NullMarked
package io.tidemill.examples.ecoeaze.metrics;

import org.jspecify.annotations.NullMarked;
