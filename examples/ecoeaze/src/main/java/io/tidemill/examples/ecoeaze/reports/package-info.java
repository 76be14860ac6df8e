/** Sales, profit and loss as Excel files. */
@NullMarked
package io.tidemill.examples.ecoeaze.reports;

import org.jspecify.annotations.NullMarked;
