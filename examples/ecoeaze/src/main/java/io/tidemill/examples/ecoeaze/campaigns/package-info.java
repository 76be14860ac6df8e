/** Mail to many customers, and what came of it. */
@NullMarked
package io.tidemill.examples.ecoeaze.campaigns;

import org.jspecify.annotations.NullMarked;
