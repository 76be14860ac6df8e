/** The job queue as the application sees it: types, handlers, options, status, statistics. */
@NullMarked
package io.tidemill.examples.engreene.jobs;

import org.jspecify.annotations.NullMarked;
