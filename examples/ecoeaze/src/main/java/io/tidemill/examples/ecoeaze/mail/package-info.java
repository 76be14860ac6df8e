/** Mail over SMTP. */
@NullMarked
package io.tidemill.examples.ecoeaze.mail;

import org.jspecify.annotations.NullMarked;
